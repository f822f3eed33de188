"""A PDF written straight through: objects go out as they come, only their places stay in memory (8 bytes each)."""

import zlib
from array import array
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

_SKIPPED_TYPES = {"/Catalog", "/Pages", "/Page", "/ObjStm", "/XRef"}
_LEVEL = 5


class PdfFile:
    """Writes objects by number to `out`, which need not be seekable."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = 0
        self._places = array("Q", [0])
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """A number for an object that comes later."""
        self._places.append(0)
        return len(self._places) - 1

    def write(self, number: int, body: bytes) -> None:
        """One object, for example a dictionary."""
        self._places[number] = self._at
        self._put(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def stream(self, number: int, data: bytes, entries: bytes = b"") -> None:
        """A compressed stream with further dictionary entries."""
        packed = zlib.compress(data, _LEVEL)
        self._places[number] = self._at
        self._put(
            b"%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream\nendobj\n"
            % (number, entries, len(packed), packed)
        )

    def take_over(self, source: pikepdf.Pdf) -> None:
        """Everything of another PDF but its pages, under the same numbers; must come before any `reserve`."""
        for taken in source.objects:
            if _is_skipped(taken):
                continue
            number = taken.objgen[0]
            self._places.extend([0] * (number + 1 - len(self._places)))
            if isinstance(taken, pikepdf.Stream):
                self.stream(number, taken.read_bytes(), _entries(taken))
            else:
                self.write(number, taken.unparse(resolved=True))

    def finish(self, root: int, information: int) -> None:
        """The table of places and the trailer."""
        start = self._at
        self._put(b"xref\n0 %d\n" % len(self._places))
        self._put(b"0000000000 65535 f \n")
        for part in self._table():
            self._put(part)
        self._put(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._places), root, information, start)
        )

    def _table(self) -> Iterator[bytes]:
        for first in range(1, len(self._places), 1000):
            yield b"".join(
                b"%010d 00000 n \n" % place if place else b"0000000000 00000 f \n"
                for place in self._places[first : first + 1000]
            )

    def _put(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def _is_skipped(taken: pikepdf.Object) -> bool:
    has_type = isinstance(taken, (pikepdf.Dictionary, pikepdf.Stream))
    return has_type and taken.get("/Type") in _SKIPPED_TYPES


def _entries(stream: pikepdf.Object) -> bytes:
    """The dictionary of a stream without what its packing decides."""
    kept = {k: v for k, v in stream.stream_dict.items() if k not in {"/Length", "/Filter", "/DecodeParms"}}
    return pikepdf.Dictionary(kept).unparse()[2:-2]
