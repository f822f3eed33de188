"""Streams of a compound file, the container of .xls (MS-CFB). Every chain is bounded by the size of the file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_MOST_SECTOR = 0xFFFFFFFA
_ENTRY = 128
_STREAM, _ROOT = 2, 5


class BadCompound(ValueError):
    """The container cannot be followed."""


class Compound:
    """A compound file in memory; BadCompound where its chains lead nowhere."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < _HEADER or not data.startswith(MAGIC):
            raise BadCompound("no compound file")
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or small_shift != 6:
            raise BadCompound("unknown sector size")
        self._size, self._small_size = 1 << shift, 1 << small_shift
        directory, self._cutoff, small_table = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60))
        self._table = self._words(b"".join(self._sector(n) for n in self._table_sectors()))
        self._small_table = self._words(self._chain(small_table))
        self._entries = dict(self._directory(self._chain(directory)))

    @property
    def names(self) -> set[str]:
        """Names of all streams and storages."""
        return set(self._entries)

    def stream(self, name: str) -> bytes:
        """The content of a stream. KeyError when there is none of this name."""
        _, start, size = self._entries[name]
        if size >= self._cutoff:
            return self._chain(start)[:size]
        _, root_start, _ = next(entry for entry in self._entries.values() if entry[0] == _ROOT)
        small, width = self._chain(root_start), self._small_size
        pieces = (small[n * width : (n + 1) * width] for n in _follow(self._small_table, start))
        return b"".join(pieces)[:size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size
        if start >= len(self._data):
            raise BadCompound("sector outside the file")
        return self._data[start : start + self._size]

    def _chain(self, start: int) -> bytes:
        return b"".join(self._sector(number) for number in _follow(self._table, start))

    def _table_sectors(self) -> Iterator[int]:
        yield from (n for n in struct.unpack_from("<109I", self._data, 76) if n < _MOST_SECTOR)
        following, left = struct.unpack_from("<I", self._data, 68)[0], len(self._data) // self._size
        while following < _MOST_SECTOR and left > 0:
            words = self._words(self._sector(following))
            yield from (n for n in words[:-1] if n < _MOST_SECTOR)
            following, left = words[-1], left - 1

    def _directory(self, content: bytes) -> Iterator[tuple[str, tuple[int, int, int]]]:
        for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", content, at + 64)
            start, size = struct.unpack_from("<II", content, at + 116)
            if kind:
                yield content[at : at + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace"), (kind, start, size)

    @staticmethod
    def _words(content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])


def _follow(table: tuple[int, ...], start: int) -> Iterator[int]:
    seen = 0
    while start < _MOST_SECTOR:
        if start >= len(table) or seen > len(table):
            raise BadCompound("a chain leads nowhere")
        yield start
        start, seen = table[start], seen + 1
