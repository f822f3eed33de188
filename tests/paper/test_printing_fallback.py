"""A character that the main font lacks is taken from whatever font is installed, found before printing, and printed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from portal.paper import checking, layout, printing
from portal.paper.fonts import GETA, Fonts
from tests.paper.printed import KEY, RUN, part, picture, sheet, text

#: extension planes C, G and H, a rare surname of private use
RARE = "\U0002aed0\U00030edd\U000323af\ue863"


def rare_font(folder: Path) -> Path:
    """A small TrueType font: every rare character is a black square."""
    names = {ord(sign): f"rare{n}" for n, sign in enumerate(RARE)}
    pen = TTGlyphPen(None)
    for n, corner in enumerate(((100, 0), (100, 700), (800, 700), (800, 0))):
        (pen.lineTo if n else pen.moveTo)(corner)
    pen.closePath()
    square = pen.glyph()
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", *names.values()])
    font.setupCharacterMap(names)
    font.setupGlyf({name: square for name in (".notdef", *names.values())})
    font.setupHorizontalMetrics({name: (1000, 100) for name in (".notdef", *names.values())})
    font.setupHorizontalHeader(ascent=880, descent=-120)
    font.setupNameTable({"familyName": "Rare Names", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    path = folder / "rare.ttf"
    font.save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All fonts that are installed: the main one, at first."""
    main = Fonts().faces[0].path
    (tmp_path / main.name).symlink_to(main)
    for room in (checking, printing):
        monkeypatch.setattr(room, "Fonts", lambda: Fonts([tmp_path]))
    return tmp_path


def test_an_installed_font_covers_what_the_main_one_lacks(folder: Path) -> None:
    rare_font(folder)
    asked = [sheet(values={"name": f"林{RARE}试"})]
    assert checking.check_sheets(asked, RUN, KEY).missing_glyphs == []
    out = BytesIO()
    report = printing.print_sheets(asked, RUN, out, KEY)
    assert report.missing_glyphs == []
    words = text(out.getvalue(), 0)
    assert f"林{RARE}试" in words
    assert GETA not in words
    name = part(picture(out.getvalue(), 0), layout.current().page(1).box("name", "value"))
    assert (name < 60).mean() > 0.1, "four black squares"
    with pypdfium2.PdfDocument(out.getvalue()) as document:
        assert len(document) == 2


def test_without_it_each_is_named_before_printing(folder: Path) -> None:
    lacking = Fonts([folder]).lacks(RARE)
    assert "\U000323af\ue863" in lacking
    asked = [sheet(values={"name": f"林{RARE}试"})]
    found = checking.check_sheets(asked, RUN, KEY).missing_glyphs
    assert found == [("G990101201403120157", "name", lacking)]


def test_a_broken_font_among_the_installed_stops_nobody(folder: Path) -> None:
    (folder / "broken.ttf").write_bytes(b"\0\1\0\0" + b"\xff" * 400)
    known = Fonts([folder]).lacks(RARE)
    for missing, lacking in (("glyf", known), ("cmap", known), ("name", "")):
        with TTFont(rare_font(folder)) as font:
            del font[missing]
            font.save(folder / "rare.ttf")
        assert Fonts([folder]).lacks(RARE) == lacking
    assert Fonts([folder]).lacks("\U000f1234") == "\U000f1234"
