"""A measured table lands between its markers and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import measured

PAGE = (
    "# Security\n\n<!-- measured: first -->\nold\n<!-- end -->\n\nWords.\n\n<!-- measured: second -->\n<!-- end -->\n"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "security.md"
    page.write_text(PAGE, encoding="utf-8")
    return page


def test_a_table_replaces_the_one_before(page: Path) -> None:
    for table in ("| a |", "| b \\1 |\n"):
        measured.write("first", table, page)
    assert page.read_text(encoding="utf-8") == PAGE.replace("old", "| b \\1 |")


def test_an_empty_place_is_filled(page: Path) -> None:
    measured.write("second", "| c |", page)
    assert page.read_text(encoding="utf-8").endswith("<!-- measured: second -->\n| c |\n<!-- end -->\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# nothing\n", "markers there: none"),
        (PAGE + "<!-- measured: first -->\n<!-- end -->\n", "2 times"),
        ("<!-- measured: first -->\n<!-- measured: second -->\n<!-- end -->\n", "no <!-- end --> of its own"),
        ("<!-- measured: first -->\n", "no <!-- end --> of its own"),
    ],
)
def test_a_document_without_the_place_is_told(page: Path, text: str, said: str) -> None:
    page.write_text(text, encoding="utf-8")
    with pytest.raises(measured.NoPlace, match=said):
        measured.write("first", "| a |", page)
    assert page.read_text(encoding="utf-8") == text


def test_a_table_with_a_marker_and_a_missing_document_are_refused(page: Path, tmp_path: Path) -> None:
    with pytest.raises(measured.NoPlace, match="marker"):
        measured.write("first", "<!-- end -->", page)
    with pytest.raises(measured.NoPlace, match="does not exist"):
        measured.write("first", "| a |", tmp_path / "none.md")
