"""Sampled pages of a printed file look the same in two renderers that share no code, and read back to their pupils."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from tests.paper import alike
from tests.paper.printed import print_to_bytes, sheet


def check(folder: Path, sheets: int, pages: int) -> None:
    path = alike.printed(folder, sheets)
    seen = [alike.look(path, page) for page in alike.sample(sheets, pages)]
    assert len(seen) == pages
    assert [one for one in seen if one.worst > alike.ALIKE or one.fault] == []


def test_a_few_pages_look_the_same_in_two_renderers_and_read_back(tmp_path: Path) -> None:
    check(tmp_path, sheets=12, pages=4)


@pytest.mark.slow
def test_many_pages_look_the_same_in_two_renderers_and_read_back(tmp_path: Path) -> None:
    """`python -m tests.paper.alike 2000 200` looks at more."""
    check(tmp_path, sheets=300, pages=16)


def test_another_character_is_not_the_same(tmp_path: Path) -> None:
    """The check can fail: one character missing or another one."""
    path = tmp_path / "names.pdf"
    names = ("林大陈", "林　陈", "林黄陈", "林陈大")
    path.write_bytes(print_to_bytes(*(sheet(values={"name": name}) for name in names))[0])
    with pypdfium2.PdfDocument(path) as document:
        right = alike.by_pdfium(document, 0)
    worst = [alike.apart(right, alike.by_poppler(path, 2 * place))[0] for place in range(len(names))]
    assert [one > alike.ALIKE for one in worst] == [False, True, True, True]


def test_a_page_of_another_pupil_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.pdf"
    pupils = list(alike.pupils(2))
    path.write_bytes(print_to_bytes(pupils[1], pupils[0])[0])
    assert "other texts" in alike.look(path, 0).fault
    assert "leaf" in alike.look(path, 3).fault
