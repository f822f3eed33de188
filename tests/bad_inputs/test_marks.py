"""Each of the 108 bad inputs has a test that exists, with the case it is about (security paper, section 4)."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.bad_inputs.marks import DIFFERS, SHOWN
from tests.uploads.hostile import REFUSED, TAKEN

TESTS = Path(__file__).parents[1]
HOW_MANY = {"U": 42, "X": 30, "F": 22, "C": 14}


@cache
def names_in(path: str) -> frozenset[str]:
    """Names of the tests of a file."""
    tree = ast.parse((TESTS / path).read_text("utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


def test_all_108_are_there_and_no_other() -> None:
    assert SHOWN.keys() == {f"{letter}{n}" for letter, most in HOW_MANY.items() for n in range(1, most + 1)}
    assert len(SHOWN) == 108
    assert DIFFERS.keys() <= SHOWN.keys()


@pytest.mark.parametrize("mark", SHOWN)
def test_the_test_exists_with_its_case(mark: str) -> None:
    for shown in SHOWN[mark]:
        place, _, case = shown.partition(" ")
        path, _, name = place.partition("::")
        assert name in names_in(path), f"{mark}: there is no {place}"
        known = case in REFUSED or case in TAKEN or f'"{case}"' in (TESTS / path).read_text("utf-8")
        assert not case or known, f"{mark}: {place} has no case {case!r}"
