"""Who may import whom: the table of the architecture, read from the source itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "portal"
MAY: dict[str, set[str]] = {
    "rules": set(),
    "keys": set(),
    "paper": {"rules"},
    "models": {"rules", "keys"},
    "files": {"keys"},
    "jobs": {"keys"},
    "services": {"rules", "models", "paper", "files", "keys", "jobs"},
    "web": {"rules", "services", "settings"},
    "parents": {"rules", "services", "web"},
    "teachers": {"rules", "services", "web"},
    "staff": {"rules", "services", "web"},
}
#: outside packages a room may use at all; None = no limit here
OUTSIDE = {"rules": {"stdnum", "pycountry", "babel", "zxcvbn"}}
NEVER = {
    "keys": {"flask", "sqlalchemy"},
    "paper": {"flask", "sqlalchemy"},
    "files": {"flask", "sqlalchemy"},
    "jobs": {"flask"},
    "parents": {"sqlalchemy"},
    "teachers": {"sqlalchemy"},
    "staff": {"sqlalchemy"},
}
#: names of flask that know about a request
OF_A_REQUEST = {"request", "g", "session", "current_user"}
#: the migrations name every table of the portal, the job table too
EXCEPTIONS = {("models", "jobs"): "models/schema/__init__.py"}


def imports_of(path: Path) -> list[tuple[str, str]]:
    """(module, name) pairs of every import in a file; plain imports have an empty name."""
    pairs = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            pairs += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            pairs += [(node.module, alias.name) for alias in node.names]
    return pairs


def files() -> list[Path]:
    return [p for p in sorted(ROOT.rglob("*.py")) if p.relative_to(ROOT).parts[0] in MAY]


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_room_imports_only_what_it_may(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    for module, name in imports_of(path):
        top, _, rest = module.partition(".")
        if top == "portal":
            other = rest.partition(".")[0] or name
            allowed = other == room or other in MAY[room] or path.match(EXCEPTIONS.get((room, other), "-"))
            assert allowed, f"{room} imports portal.{other}"
        else:
            assert top not in NEVER.get(room, set()), f"{room} imports {top}"


@pytest.mark.parametrize("path", [p for p in files() if p.relative_to(ROOT).parts[0] == "rules"], ids=lambda p: p.name)
def test_rules_are_pure(path: Path) -> None:
    import sys

    for module, _name in imports_of(path):
        top = module.partition(".")[0]
        assert top in ("portal", *OUTSIDE["rules"]) or top in sys.stdlib_module_names, f"rules import {top}"


@pytest.mark.parametrize("room", ["services", "models"])
def test_services_and_models_know_no_request(room: str) -> None:
    for path in (ROOT / room).rglob("*.py"):
        for module, name in imports_of(path):
            assert not (module in ("flask", "flask_login") and name in OF_A_REQUEST), f"{path.name} imports {name}"


def test_every_room_is_in_the_table() -> None:
    rooms = {p.name for p in ROOT.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    assert rooms == set(MAY) | {"commands"}
