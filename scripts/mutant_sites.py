"""Finds every place where the portal asks whose a thing is, and lets each be switched off while the program runs.

Modules are compiled with each such expression E as `(what it would be without the question) if __off__(key) else E`,
from their source in memory: no file is changed. `reached` tells which questions a piece of work came past.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
#: where questions of place are asked; `rules` only where they take an actor
PARTS = ("portal.services", "portal.web", "portal.staff", "portal.teachers", "portal.parents")
SINGLE = ("portal.rules.account_reach", "portal.rules.roles")
#: names of the one who acts
WHO = {"actor", "who", "self.actor", "asker.actor"}
ALLOWING = ("may", "may_manage", "may_reset", "may_end_sign_ins", "may_end_seat", "can_reset")
#: what belongs to one person
_OF_PERSON = ("Guardianship.user_id", "SignIn.user_id", "Unlock.user_id")
REFUSING = ("require_may", "require_inside", "_require_inside")


@dataclass(frozen=True)
class Site:
    """One question: where it stands, of which kind it is, and its words."""

    key: str
    module: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.module.removeprefix('portal.')}:{self.line} {self.text}"


SITES: dict[str, Site] = {}
reached: set[str] = set()
_off: set[str] = set()


def switch_off(keys: Iterable[str] = ()) -> None:
    """These questions are not asked from now on, all others are."""
    _off.clear()
    _off.update(keys)


def _is_off(key: str) -> bool:
    reached.add(key)
    return key in _off


def _same(key: str, equal: bool, value: Any) -> Any:
    """The outcome of a comparison with the actor's place or person, or what it is without it."""
    if not _is_off(key):
        return value
    if isinstance(value, bool):
        return equal
    from sqlalchemy import true

    return true()


def _anywhere(who: Any) -> Any:
    """The same person with everything below."""
    return dataclasses.replace(who, path="")


class _Marker(ast.NodeTransformer):
    """Rewrites one module and lists its questions."""

    def __init__(self, module: str) -> None:
        self.module = module
        self._refusing = False
        self._acts = module.startswith(("portal.services", "portal.rules")) or module == "portal.web.guard"

    def _site(self, node: ast.expr | ast.stmt, kind: str) -> ast.Constant:
        key = f"{self.module}:{node.lineno}:{node.col_offset}"
        SITES[key] = Site(key, self.module, node.lineno, kind, ast.unparse(node)[:90])
        return ast.Constant(key)

    def _switched(self, node: ast.expr, kind: str, without: ast.expr) -> ast.expr:
        test = ast.Call(ast.Name("__off__", ast.Load()), [self._site(node, kind)], [])
        return ast.copy_location(ast.IfExp(test, without, node), node)

    def visit_If(self, node: ast.If) -> Any:
        """Comparisons in the condition of a refusal are without it when they refuse nobody."""
        self._refusing = isinstance(node.body[0], ast.Raise) or _returns_nothing(node.body[0])
        node.test = self.visit(node.test)
        self._refusing = False
        node.body = [self.visit(one) for one in node.body]
        node.orelse = [self.visit(one) for one in node.orelse]
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        name = _last(node.func)
        who = [n for n, one in enumerate(node.args) if ast.unparse(one) in WHO or ast.unparse(one) == "guard.actor()"]
        if name == "find" and len(node.args) >= 3 and who == [0] and isinstance(node.args[1], ast.Name):
            wide = ast.Call(ast.Name("__anywhere__", ast.Load()), [node.args[0]], [])
            return self._switched(node, "find", ast.Call(node.func, [wide, *node.args[1:]], node.keywords))
        if name in ("inside", "_inside") and who == [1]:
            true = ast.parse("__import__('sqlalchemy').true()", mode="eval").body
            return self._switched(node, "inside", true)
        if name == "below" and ast.unparse(node).removeprefix("below(").removesuffix(".path)") in WHO:
            return self._switched(node, "below", ast.Call(node.func, [ast.Constant("")], []))
        if name == "is_below" and len(node.args) == 2 and ast.unparse(node.args[1]).removesuffix(".path") in WHO:
            return self._switched(node, "is below", ast.Constant(True))
        if name == "covers" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in WHO:
            return self._switched(node, "covers", ast.Constant(True))
        if name == "startswith" and node.args and ast.unparse(node.args[0]).removesuffix(".path") in WHO:
            return self._switched(node, "is below", ast.Constant(True))
        if not self._acts:
            return node  # a page that offers an act; the act asks anew
        if name in ALLOWING and node.args and ast.unparse(node.args[0]) not in ("other", "None"):
            return self._switched(node, "may", ast.Constant(True))
        if name in REFUSING:
            return self._switched(node, "require", ast.Constant(None))
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        refusing = self._refusing
        self.generic_visit(node)
        sides = [ast.unparse(one) for one in (node.left, *node.comparators)]
        own = [side for side in sides if side.rpartition(".")[0] in WHO and side.endswith(("place_id", "user_id"))]
        if len(sides) != 2 or not own or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return node
        other = sides[1] if sides[0] == own[0] else sides[0]
        if own[0].endswith("user_id") and other not in _OF_PERSON:
            return node  # who did something before: no question of place, and tested with what follows from it
        if other.endswith(("class_id", "class_.id")):
            return node  # how much of a name is shown to the class teacher and to others of the same school
        equal = isinstance(node.ops[0], ast.Eq) and not refusing
        key = self._site(node, "own place" if "place_id" in own[0] else "own person")
        call = ast.Call(ast.Name("__same__", ast.Load()), [key, ast.Constant(equal), node], [])
        return ast.copy_location(call, node)


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _returns_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and (node.value is None or ast.unparse(node.value) in ("None", "False", "[]"))


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles from source with all questions marked; nothing compiled is kept."""

    def get_code(self, fullname: str) -> Any:
        tree = ast.parse(Path(self.path).read_text(encoding="utf-8"))
        tree = ast.fix_missing_locations(_Marker(fullname).visit(tree))
        return compile(tree, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if not fullname.startswith(PARTS) and fullname not in SINGLE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return spec
        loader = _Loader(fullname, spec.origin)
        return importlib.util.spec_from_file_location(
            fullname, spec.origin, loader=loader, submodule_search_locations=spec.submodule_search_locations
        )


def install() -> None:
    """From now on modules are imported with their questions marked. Raises when they have been imported already."""
    there = [name for name in sys.modules if name.startswith(PARTS) and not name.startswith("portal.services.refusals")]
    if there:
        raise RuntimeError(f"too late, already imported: {there[:3]}")
    names: dict[str, Any] = {"__off__": _is_off, "__same__": _same, "__anywhere__": _anywhere}
    for name, value in names.items():
        setattr(builtins, name, value)
    sys.meta_path.insert(0, _Finder())
