"""Long and rare texts on the sheet: smaller, wrapped, cut and named; never a blank, never silently lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.paper import fontsubset, layout
from portal.paper.checking import check_sheets
from portal.paper.fontfile import FontError, faces_of
from portal.paper.fonts import GETA, Fonts
from portal.paper.typesetting import ELLIPSIS, LEADING, SMALLEST, fit, tidy
from tests.paper.printed import KEY, RUN, part, picture, print_to_bytes, sheet, text

RARE = "䶮㛃𬱖"
NOWHERE = "𪻐"


def width_of(sign: str) -> float:
    return 0.55 if sign.isascii() else 1.0


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    return Fonts()


def test_a_text_that_fits_keeps_its_size() -> None:
    assert fit("汉族", 40, 19, 8.5, width_of).size == 8.5


def test_a_longer_text_shrinks_then_wraps_then_is_cut() -> None:
    shrunk = fit("柯尔克孜族", 38, 19, 8.5, width_of)
    assert (7 <= shrunk.size < 8.5, len(shrunk.lines)) == (True, 1)
    wrapped = fit("台湾居民来往大陆通行证", 41, 19, 8.5, width_of)
    assert (6 <= wrapped.size <= 7, len(wrapped.lines), wrapped.cut) == (True, 2, False)
    cut = fit("其他祖父母或外祖父母关系以及别的亲友", 41, 19, 8.5, width_of)
    assert cut.cut
    assert cut.lines[-1].endswith(ELLIPSIS)


@given(st.text("汉族试验市一区 abc123，。", max_size=60), st.floats(20, 200), st.floats(8, 40))
def test_a_fitted_text_stays_in_its_box_and_loses_nothing_unsaid(words: str, width: float, height: float) -> None:
    words = tidy(words)
    fitted = fit(words, width, height, 8.5, width_of)
    assert fitted.size >= SMALLEST
    assert all(sum(map(width_of, line)) * fitted.size <= width + 0.01 for line in fitted.lines)
    assert len(fitted.lines) == 1 or len(fitted.lines) * fitted.size * LEADING <= height
    if not fitted.cut:
        assert "".join(fitted.lines).replace(" ", "") == words.replace(" ", "")
    else:
        assert "".join(fitted.lines).endswith(ELLIPSIS)


def test_numbers_and_words_are_not_torn_where_it_can_be_helped() -> None:
    lines = fit("试验一区和平小区3栋2单元2001室", 60, 30, 8.5, width_of).lines
    assert "2001" in "\n".join(lines)
    assert not any(line[0] in "，。、）" for line in lines)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("a\nb", "a b"), (" 林\t试 ", "林 试"), ("a\u200bb", "a b"), ("", ""), ("\u845b\U000e0100城", "\u845b城")],
)
def test_invisible_signs_become_blanks(given: str, expected: str) -> None:
    assert tidy(given) == expected


def test_an_overlong_value_is_cut_and_named() -> None:
    long = "试验省试验市试验一区" * 18
    pdf, report = print_to_bytes(sheet(values={"current_address": long, "talent": "围棋、长跑、合唱"}))
    assert report.cut == [("G990101201403120157", "current_address")]
    words = text(pdf, 0)
    assert ELLIPSIS in words
    assert long[:30] in words


def test_findings_are_known_before_anything_is_printed() -> None:
    asked = [sheet(values={"current_address": "很长" * 90, "name": f"林{NOWHERE}"}), sheet(5)]
    findings = check_sheets(asked, RUN, KEY)
    assert findings.cut == [("G990101201403120157", "current_address")]
    assert findings.missing_glyphs == [("G990101201403120157", "name", NOWHERE)]


def test_a_doubtful_value_makes_room_for_its_mark() -> None:
    full = {"name": "试" * 12}
    plain, doubtful = sheet(values=full), sheet(values=full, doubts=frozenset({"name"}))
    assert check_sheets([plain], RUN, KEY).cut == []
    assert check_sheets([doubtful], RUN, KEY).cut == [("G990101201403120157", "name")]


def test_rare_characters_are_printed_and_found(fonts: Fonts) -> None:
    assert fonts.lacks(RARE) == ""
    pdf, report = print_to_bytes(sheet(values={"name": RARE}))
    assert report.missing_glyphs == []
    assert RARE in text(pdf, 0)


def test_a_character_of_no_font_is_named_and_never_a_blank(fonts: Fonts) -> None:
    if not fonts.lacks(NOWHERE):
        pytest.skip("a font with this rare character is installed")
    pdf, report = print_to_bytes(sheet(values={"name": f"林{NOWHERE}试", "talent": NOWHERE}))
    wanted = [("G990101201403120157", item, NOWHERE) for item in ("name", "talent")]
    assert report.missing_glyphs == wanted
    assert f"林{GETA}试" in text(pdf, 0)
    assert part(picture(pdf, 0), layout.current().page(1).box("talent", "value")).min() < 90


@pytest.mark.parametrize("sign", ["\ue863", "\U000f1234", "\U000323af", "\U0002ee5d"])
def test_characters_python_does_not_know_are_never_blanks(fonts: Fonts, sign: str) -> None:
    """Names from older systems carry characters of private use; extensions H and I are newer than Python's tables."""
    assert tidy(f"林{sign}试") == f"林{sign}试"
    found = check_sheets([sheet(values={"name": f"林{sign}试"})], RUN, KEY)
    assert found.missing_glyphs == ([("G990101201403120157", "name", sign)] if fonts.lacks(sign) else [])


def test_a_character_missing_in_the_main_font_comes_from_another(fonts: Fonts) -> None:
    smile = "\U0001f600"
    if fonts.lacks(smile):
        pytest.skip("no installed font has it")
    assert fonts.find(smile)[0] > 0
    pdf, report = print_to_bytes(sheet(values={"talent": f"笑{smile}脸"}))
    assert report.missing_glyphs == []
    assert f"笑{smile}脸" in text(pdf, 0)


def test_glyphs_and_widths_are_those_of_the_font(fonts: Fonts) -> None:
    from fontTools.ttLib import TTFont

    face = fonts.faces[0]
    with TTFont(face.path, fontNumber=face.index, lazy=True) as whole:
        known = whole.getBestCmap()
        for sign in "林小试〓A1，。·(㛃":
            name = known[ord(sign)]
            assert face.glyph(sign) == whole.getGlyphID(name)
            assert face.width(face.glyph(sign)) == whole["hmtx"][name][0]
    assert face.glyph("\ue999") == 0


def test_a_missing_font_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="fonts-noto-cjk"):
        Fonts([tmp_path])


def test_a_missing_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(fontsubset, "CDLL", absent)
    fontsubset.library.cache_clear()
    try:
        with pytest.raises(FontError, match="libharfbuzz-subset0"):
            Fonts()
    finally:
        monkeypatch.undo()
        fontsubset.library.cache_clear()


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttf"
    bad.write_bytes(b"not a font at all, only words")
    with pytest.raises(FontError):
        faces_of(bad)
