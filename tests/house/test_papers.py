"""The papers for operators name code and tests that exist, in every row; commands in them are commands (sec 8)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.commands import parser

DOCS = Path(__file__).parents[2] / "docs"
PAPERS = ("security.md", "compliance.md")
LINK = re.compile(r"\]\(([^)#]+)\)")


def rows(name: str) -> Iterator[list[str]]:
    """Cells of the rows of all tables, without heads."""
    for line in (DOCS / name).read_text("utf-8").splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


@pytest.mark.parametrize("name", PAPERS)
def test_what_is_named_is_there(name: str) -> None:
    for target in LINK.findall((DOCS / name).read_text("utf-8")):
        assert "://" in target or (DOCS / target).exists(), f"{name}: {target}"


@pytest.mark.parametrize("name", PAPERS)
def test_every_row_that_names_code_names_a_test(name: str) -> None:
    seen = 0
    for row in rows(name):
        named = LINK.findall(" ".join(row))
        if any(target.startswith("../portal/") for target in named):
            seen += 1
            assert any(target.startswith("../tests/") for target in named), f"{name}: {row[0]}"
    assert seen > 12


@pytest.mark.parametrize("name", PAPERS)
def test_commands_are_commands(name: str) -> None:
    groups = next(action.choices for action in parser()._actions if action.dest == "group")
    assert groups
    for word in re.findall(r"`portal ([a-z-]+)", (DOCS / name).read_text("utf-8")):
        assert word in groups, f"{name}: portal {word}"
