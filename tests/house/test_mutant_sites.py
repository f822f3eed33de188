"""Questions of place are found in source texts, asked as before, and gone when they are switched off."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from scripts import access, mutant_sites, mutants


@dataclass(frozen=True)
class Who:
    """An actor as far as the questions know one."""

    path: str
    place_id: int = 7

    def covers(self, path: str) -> bool:
        return path.startswith(self.path)


NAMES = {"__off__": mutant_sites._is_off, "__same__": mutant_sites._same, "__anywhere__": mutant_sites._anywhere}


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    known = dict(mutant_sites.SITES)
    mutant_sites.SITES.clear()
    yield
    mutant_sites.SITES.clear()
    mutant_sites.SITES.update(known)
    mutant_sites.switch_off()


def marked(text: str, module: str = "portal.services.sample", **names: Any) -> Any:
    """The function `act` of a source text, with its questions marked."""
    tree = ast.fix_missing_locations(mutant_sites._Marker(module).visit(ast.parse(text)))
    room = NAMES | names
    exec(compile(tree, "sample", "exec"), room)
    return room["act"]


CASES = {
    "find": ("def act(actor, x):\n return find(actor, Sheet, x)", lambda found: found == ("", 1)),
    "covers": ("def act(actor, x):\n return actor.covers('99/2/')", lambda found: found is True),
    "is below": ("def act(actor, x):\n return is_below('99/2/', actor.path)", lambda found: found is True),
    "own place": ("def act(actor, x):\n return x == actor.place_id", lambda found: found is True),
    "may": ("def act(actor, x):\n return may(actor, x)", lambda found: found is True),
    "below": ("def act(actor, x):\n return below(actor.path)", lambda found: found == "below "),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_question_is_asked_until_it_is_switched_off(kind: str) -> None:
    text, gone = CASES[kind]
    names = {
        "find": lambda actor, _model, x: (actor.path, x), "Sheet": None, "may": lambda *_: False,
        "is_below": str.startswith, "below": lambda path: f"below {path}",
    }  # fmt: skip
    act = marked(text, **names)
    (site,) = mutant_sites.SITES.values()
    mutant_sites.reached.clear()
    assert site.kind == kind
    assert not gone(act(Who("99/1/"), 1))
    assert mutant_sites.reached == {site.key}
    mutant_sites.switch_off([site.key])
    assert gone(act(Who("99/1/"), 1))
    mutant_sites.switch_off()
    assert not gone(act(Who("99/1/"), 1))


def test_a_refusal_is_gone_when_it_refuses_nobody() -> None:
    act = marked("def act(actor, x):\n if x != actor.place_id:\n  raise ValueError\n return 'in'")
    with pytest.raises(ValueError):
        act(Who(""), 1)
    mutant_sites.switch_off(mutant_sites.SITES)
    assert act(Who(""), 1) == "in"
    assert act(Who(""), 7) == "in"


@pytest.mark.parametrize(
    "text", ["actor.place_id == sheet.class_id", "row.by_id == actor.user_id", "find(actor, x)", "covers(path)"]
)
def test_what_is_no_question_of_place_stays(text: str) -> None:
    mutant_sites._Marker("portal.services.sample").visit(ast.parse(text))
    assert mutant_sites.SITES == {}


def test_a_page_that_only_offers_an_act_is_not_counted() -> None:
    mutant_sites._Marker("portal.staff.sample").visit(ast.parse("may(who, Action.X)"))
    assert mutant_sites.SITES == {}


def test_what_was_not_noticed_is_named() -> None:
    sites = {"a": ("find", "services.a:1 find(actor, X, y)"), "b": ("covers", "services.b:2 actor.covers(z)")}
    shown = mutants.table({"a": mutants.WALL, "b": mutants.NONE}, sites, 61.4, 1234)
    assert "| **all** | **2** | **0** | **1** | **0** | **1** |" in shown
    assert "1 of 2 (50.0 %) are noticed; 1,234 rows, 61 s." in shown
    assert "- not noticed: `services.b:2 actor.covers(z)`" in shown


def test_the_table_of_access_adds_up_its_parts() -> None:
    part = {"routes": 5, "counts": {"plain": 3, "HEAD": 1}, "wrong": ["x"], "requests": 9, "statuses": {"200": 9}}
    shown = access.table([part | {"seconds": 1}, part | {"seconds": 2}], 3)
    assert "| rows | 6 as they are, 2 in other forms (HEAD) |" in shown
    assert "| unexpected answers | **2** |" in shown
    assert "| answers | 200: 18 |" in shown
