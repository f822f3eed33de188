"""The fonts of a print run: the main face, installed faces for rare characters, and what the run used of them."""

import struct
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from portal.paper import fontsubset
from portal.paper.fontfile import Face, FontError, faces_of

MAIN = "Noto Sans CJK SC"
FOLDERS: tuple[Path, ...] = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)
"""Where fonts are looked for."""

GETA = "〓"
"""Printed for a character that no installed font has: visible, never a blank."""

_MAIN_FILES = ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf")
_FALLBACK_FIRST = ("Noto Serif CJK SC", "HanaMinA", "HanaMinB", "Plangothic P1", "Plangothic P2")
# The glyph numbers of these compact faces are their character ids; of others that is not known, so they are not used.
_NUMBERED_AS_IS = ("Noto Sans CJK", "Noto Serif CJK")
_MISSING = (
    "the font Noto Sans CJK SC is missing: apt-get install fonts-noto-cjk (the sheet cannot be printed without it)"
)


class Fonts:
    """Finds the glyph of every character and remembers what was used, for the one subset font per face at the end.

    FontError when Noto Sans CJK SC or HarfBuzz's subset library is missing.
    """

    def __init__(self, folders: Iterable[Path] = FOLDERS) -> None:
        fontsubset.library()
        self._folders = tuple(folders)
        self._files = tuple(_font_files(self._folders))
        self.faces: list[Face] = [self._main()]
        self.used: list[dict[int, str]] = [{}]
        self._known: dict[str, tuple[int, int, int]] = {}
        self._in_main: dict[str, str] = {}
        self.widths = _Widths(self)
        self._missing: set[str] = set()

    def find(self, character: str) -> tuple[int, int, int]:
        """(place in `faces`, glyph, width in thousandths) of a character; that of `GETA` when no font has it."""
        found = self._known.get(character)
        if found is None:
            found = self._known[character] = self._search(character)
        return found

    def lacks(self, text: str) -> str:
        """The characters of a text that no installed font has, each once."""
        for character in text:
            if character not in self._known:
                self.find(character)
        return "".join(dict.fromkeys(c for c in text if c in self._missing)) if self._missing else ""

    def shown(self, line: str) -> list[tuple[int, str]]:
        """A line as runs of (face, glyph numbers in hexadecimal); keeps the glyphs for the subset."""
        try:
            return [(0, "".join(map(self._in_main.__getitem__, line)))]
        except KeyError:  # a character for the first time, or one of a fallback
            pass
        runs: list[tuple[int, str]] = []
        for character in line:
            face, glyph = self._use(character)
            if runs and runs[-1][0] == face:
                runs[-1] = (face, runs[-1][1] + glyph)
            else:
                runs.append((face, glyph))
        return runs

    def _use(self, character: str) -> tuple[int, str]:
        face, glyph, _ = self.find(character)
        self.used[face].setdefault(glyph, GETA if character in self._missing else character)
        shown = f"{glyph:04X}"
        if face == 0:
            self._in_main[character] = shown
        return face, shown

    def program(self, face: int) -> bytes:
        """The font program of what was used of a face."""
        return fontsubset.subset(self.faces[face], self.used[face])

    def _search(self, character: str) -> tuple[int, int, int]:
        for place, face in enumerate(self.faces):
            glyph = face.glyph(character)
            if glyph:
                return place, glyph, face.width(glyph)
        for face in self._fallbacks:
            glyph = face.glyph(character)
            if glyph:
                self.faces.append(face)
                self.used.append({})
                return len(self.faces) - 1, glyph, face.width(glyph)
        self._missing.add(character)
        return self.find(GETA)

    def _main(self) -> Face:
        for path in sorted(self._files, key=lambda file: file.name not in _MAIN_FILES):
            if not path.name.startswith("NotoSansCJK"):
                continue
            for face in faces_of(path):
                if face.family == MAIN and "Regular" in path.name:
                    return face
        raise FontError(_MISSING)

    @cached_property
    def _fallbacks(self) -> list[Face]:
        faces = []
        for path in self._files:
            try:
                faces += [face for face in faces_of(path) if _can_be_stamped(face)]
            except (FontError, OSError, ValueError, LookupError, struct.error):
                continue  # a broken file among the installed fonts must not stop the school's printing
        order = {family: place for place, family in enumerate(_FALLBACK_FIRST)}
        return sorted(faces, key=lambda face: (order.get(face.family, len(order)), str(face.path), face.index))


class _Widths(dict[str, float]):
    """Widths of characters in type sizes, looked up once each."""

    def __init__(self, fonts: Fonts) -> None:
        super().__init__()
        self._fonts = fonts

    def __missing__(self, character: str) -> float:
        width = self[character] = self._fonts.find(character)[2] / 1000
        return width


def _can_be_stamped(face: Face) -> bool:
    """Has the face outlines whose numbers are known, and a character map? A font of pictures would print a blank."""
    face.glyph(GETA)
    numbered_as_is = face.family.startswith(_NUMBERED_AS_IS)
    return numbered_as_is if face.is_compact else face.has_outlines


def _font_files(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".ttf", ".ttc", ".otf"})
