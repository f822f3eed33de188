"""Every move that is written anywhere has its words and its kind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from portal.rules.applications import ApplicationMove
from portal.rules.step_words import MOVES, Kind, label_of, moves_of
from portal.rules.tickets import TicketMove
from portal.rules.workflow import SheetMove

ROOT = Path(__file__).parents[2] / "portal"


def _literals(node: ast.AST) -> Iterator[str]:
    """Texts that a move can be: itself, or both ends of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _written() -> Iterator[tuple[str, str]]:
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                at = {"record": 2, "record_deployment": 0, "show": 2}.get(name)
                if at is not None and len(node.args) > at:
                    yield from ((path.name, move) for move in _literals(node.args[at]))


def test_every_move_has_words() -> None:
    written = list(_written())
    assert len(written) > 90
    assert [f"{where}: {move}" for where, move in written if move not in MOVES] == []
    moves = [*SheetMove, *ApplicationMove, *TicketMove]
    assert [move.value for move in moves if move.value not in MOVES] == []


def test_kinds_are_all_used_and_an_unknown_move_is_called_by_its_code() -> None:
    assert all(moves_of(kind) for kind in Kind)
    assert label_of("SOMETHING") == "SOMETHING"
