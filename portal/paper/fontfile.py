"""One face of a font file: which glyph a character has, how wide it is, what the PDF must know about it.

Reads only the few tables needed, straight from the mapped file: a CJK font of 65,000 glyphs costs milliseconds.
"""

import mmap
import struct
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


class FontError(Exception):
    """A font or its library is missing or cannot be used; the text says what to install."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters first..last of one cmap run; glyphs go up with the characters, or are listed."""

    last: int
    glyph: int
    listed: tuple[int, ...] = ()


class Face:
    """A face of an OpenType or TrueType file or collection. FontError when the file is no such font."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self.path = path
        self.index = index
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._tables = self._directory()
        except (struct.error, IndexError) as error:
            raise FontError(f"{path} is no usable font") from error

    def glyph(self, character: str) -> int:
        """The glyph of a character, 0 when the face has none."""
        starts, runs = self._character_map
        code = ord(character)
        at = bisect_right(starts, code) - 1
        if at < 0 or code > runs[at].last:
            return 0
        run, place = runs[at], code - starts[at]
        return run.listed[place] if run.listed else (run.glyph + place) & 0xFFFF

    def width(self, glyph: int) -> int:
        """Advance in thousandths of the type size."""
        widths = self._widths
        return round(widths[min(glyph, len(widths) - 1)] * 1000 / self.units_per_em)

    @property
    def is_compact(self) -> bool:
        """Outlines in the CFF form (else TrueType)."""
        return "CFF " in self._tables

    @property
    def has_outlines(self) -> bool:
        """Outlines of either form, not only pictures such as those of emoji."""
        return self.is_compact or "glyf" in self._tables

    @cached_property
    def units_per_em(self) -> int:
        return struct.unpack_from(">H", self._data, self._tables["head"][0] + 18)[0]

    @cached_property
    def bounds(self) -> tuple[int, int, int, int]:
        """Bounding box of all glyphs in thousandths of the type size."""
        values = struct.unpack_from(">4h", self._data, self._tables["head"][0] + 36)
        left, bottom, right, top = (round(value * 1000 / self.units_per_em) for value in values)
        return left, bottom, right, top

    @cached_property
    def family(self) -> str:
        """Family name in English, as the file gives it; the file's own name when it gives none."""
        if "name" not in self._tables:
            return self.path.stem
        start = self._tables["name"][0]
        count, strings = struct.unpack_from(">HH", self._data, start + 2)
        names = {}
        for at in range(count):
            platform, _, language, kind, length, offset = struct.unpack_from(">6H", self._data, start + 6 + 12 * at)
            if platform == 3 and language == 0x409 and kind in (1, 16):
                place = start + strings + offset
                names[kind] = bytes(self._data[place : place + length]).decode("utf-16-be", "replace")
        return names.get(16, names.get(1, self.path.stem))

    @cached_property
    def _widths(self) -> array:
        start = self._tables["hhea"][0]
        count = struct.unpack_from(">H", self._data, start + 34)[0]
        pairs = array("H", self._data[self._tables["hmtx"][0] : self._tables["hmtx"][0] + 4 * count])
        pairs.byteswap()
        return pairs[::2]

    def _directory(self) -> dict[str, tuple[int, int]]:
        start = 0
        if self._data[:4] == b"ttcf":
            start = struct.unpack_from(">I", self._data, 12 + 4 * self.index)[0]
        count = struct.unpack_from(">H", self._data, start + 4)[0]
        tables = {}
        for at in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", self._data, start + 12 + 16 * at)
            tables[tag.decode("latin-1")] = (offset, length)
        return tables

    @cached_property
    def _character_map(self) -> tuple[list[int], list[_Run]]:
        try:
            return self._read_character_map(self._tables["cmap"][0])
        except (struct.error, IndexError, KeyError) as error:
            raise FontError(f"{self.path} has no usable character map") from error

    def _read_character_map(self, start: int) -> tuple[list[int], list[_Run]]:
        count = struct.unpack_from(">H", self._data, start + 2)[0]
        found = {}
        for at in range(count):
            platform, encoding, offset = struct.unpack_from(">HHI", self._data, start + 4 + 8 * at)
            found[platform, encoding] = start + offset
        for key in ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3)):
            if key in found:
                kind = struct.unpack_from(">H", self._data, found[key])[0]
                if kind == 12:
                    return self._wide_map(found[key])
                if kind == 4:
                    return self._narrow_map(found[key])
        raise FontError(f"{self.path} has no Unicode map")

    def _wide_map(self, start: int) -> tuple[list[int], list[_Run]]:
        count = struct.unpack_from(">I", self._data, start + 12)[0]
        starts, runs = [], []
        for first, last, glyph in struct.iter_unpack(">III", self._data[start + 16 : start + 16 + 12 * count]):
            starts.append(first)
            runs.append(_Run(last, glyph))
        return starts, runs

    def _narrow_map(self, start: int) -> tuple[list[int], list[_Run]]:
        twice = struct.unpack_from(">H", self._data, start + 6)[0]
        table = f">{twice // 2}H"
        lasts, firsts, deltas, offsets = (
            struct.unpack_from(table, self._data, start + place)
            for place in (14, 16 + twice, 16 + 2 * twice, 16 + 3 * twice)
        )
        runs = []
        for at, (first, last, delta, offset) in enumerate(zip(firsts, lasts, deltas, offsets, strict=True)):
            if not offset:
                runs.append(_Run(last, (first + delta) & 0xFFFF))
                continue
            listed = struct.unpack_from(f">{last - first + 1}H", self._data, start + 16 + 3 * twice + 2 * at + offset)
            runs.append(_Run(last, 0, tuple((glyph + delta) & 0xFFFF if glyph else 0 for glyph in listed)))
        return list(firsts), runs


def faces_of(path: Path) -> list[Face]:
    """Every face of a file; FontError when it is no font."""
    with path.open("rb") as file:
        head = file.read(12)
    count = struct.unpack_from(">I", head, 8)[0] if head[:4] == b"ttcf" else 1
    return [Face(path, index) for index in range(count)]
