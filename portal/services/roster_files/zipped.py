"""The parts of a zip container, never more than its directory promises and never more than the limit."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from portal.services.roster_files.refused import BROKEN, LOCKED, UNPACKED, FileRefused

MOST_BYTES = 200 * 2**20
_MOST_PARTS = 2_000
_ENTRIES = struct.Struct("<H")
_PIECE = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Parts:
    """A checked zip. FileRefused for one that is broken, locked, too large, or lies about its sizes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._infos = _directory(data)
        for name in self._infos:
            for _piece in self.pieces(name):
                pass

    @property
    def names(self) -> list[str]:
        """Names of all parts."""
        return list(self._infos)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a part, piece by piece. FileRefused if it is missing or not as long as promised."""
        info = self._infos.get(name)
        if info is None:
            raise FileRefused(BROKEN)
        left = info.file_size
        for piece in _inflated(self._raw(info), info.compress_type):
            left -= len(piece)
            if left < 0:
                raise FileRefused(UNPACKED)
            yield piece
        if left:
            raise FileRefused(BROKEN)

    def _raw(self, info: zipfile.ZipInfo) -> memoryview:
        head = self._data[info.header_offset : info.header_offset + 30]
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise FileRefused(BROKEN)
        start = info.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
        return memoryview(self._data)[start : start + info.compress_size]


def _directory(data: bytes) -> dict[str, zipfile.ZipInfo]:
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(data):
        raise FileRefused(BROKEN)
    if _ENTRIES.unpack_from(data, end + 10)[0] > _MOST_PARTS:
        raise FileRefused(UNPACKED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError):
        raise FileRefused(BROKEN) from None
    if len(infos) > _MOST_PARTS or sum(info.file_size for info in infos) > MOST_BYTES:
        raise FileRefused(UNPACKED)
    if any(info.flag_bits & 1 for info in infos):
        raise FileRefused(LOCKED)
    if len({info.filename for info in infos}) < len(infos) or any(i.compress_type not in _METHODS for i in infos):
        raise FileRefused(BROKEN)
    return {info.filename: info for info in infos}


def _inflated(raw: memoryview, method: int) -> Iterator[bytes]:
    if method == zipfile.ZIP_STORED:
        yield bytes(raw)
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for start in range(0, len(raw), _PIECE):
            waiting = bytes(raw[start : start + _PIECE])
            while waiting and not inflater.eof:
                yield inflater.decompress(waiting, _PIECE)
                waiting = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise FileRefused(BROKEN) from None
