"""Every service called by somebody who acts, about things that are not theirs: without any view, so that no wall of a
page stands before the question (R129, R130). Made from the signatures: a new service is called without a word here.

What lies elsewhere must be answered exactly as what never existed, and nothing of it may be in what comes back.
"""

from __future__ import annotations

import contextvars
import dataclasses
import importlib
import inspect
import io
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import GeneratorType
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Columns

import portal.services
from portal.models import Base, Round, db
from portal.rules.applications import ApplicationKind, ApplicationMove
from portal.rules.clock import now, today
from portal.rules.roles import Role
from portal.rules.workflow import SheetMove
from portal.services.refusals import Refusal
from tests.access.door import SELF
from tests.access.rows import NEVER, NOTHING, RANDOM, Matrix
from tests.access.world import CLASSMATE, FAMILIES, MARK
from tests.photographs import jpeg

#: who calls -> the nearest home that is not theirs
CALLERS = {
    "teacher": "other class",
    "registrar": "other school",
    "operator": "other school",
    "leader": "other school",
    "county": "other county",
    "leader of the county": "other county",
    "prefecture": "other province",
    "province": "other province",
    "security officer": "other province",
    "auditor": "other province",
    "family": CLASSMATE,
}
#: who calls services about a thing; the others only ask for lists
BY_ID = ("teacher", "registrar", "leader", "county", "security officer", "auditor", "family")
#: services that are told what to do by who has asked already whose the thing is
TOLD = {"history.record", "lists.find", "refused.note", "sign_ins.go_on", "accounts.begin"}
#: what comes back is made anew each time although nothing of it is kept
NEW = {"second_step.new_codes", "second_step.turn_off", "sign_ins.renew", "unlocking.show_code"}
#: services of families; the others take it that a school's or an authority's post acts
OF_FAMILIES = ("famil", "guardians", "own_sign_ins", "who_looked", "evidence", "tickets", "accounts", "posts")
_PLURAL = {"shown": "sheet_id", "ticked": "sheet_id", "pupils": "pupil_id", "written": "sheet_id"}
_IDS = re.compile(r"\[UUID")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+]*|datetime\([^)]*\)|\d+:\d\d")
_WORDS = {
    "lang": "zh",
    "language": "zh",
    "item": "phone",
    "code": "phone",
    "name": "林样",
    "cause": "SICK",
    "page": "x",
}
_PLAIN: dict[str, Callable[[], Any]] = {
    "str": lambda: "与户口簿不符",
    "int": lambda: 1,
    "bool": lambda: True,
    "bytes": jpeg,
    "date": today,
    "datetime": now,
    "BinaryIO": io.BytesIO,
    "Role": lambda: Role.TEACHER,
    "SheetMove": lambda: SheetMove.PASS,
    "ApplicationMove": lambda: ApplicationMove.PASS,
    "ApplicationKind": lambda: ApplicationKind.CHANGE,
    "Round": lambda: db.session.query(Round).first(),
    "Collection[str]": lambda: ["phone"],
    "Mapping[str, str]": lambda: {"name": "林拭"},
    "Mapping[str, str | None]": lambda: {"phone": "15400001234"},
    "set[str]": set,
    "Translate": lambda: str,
    "Callable[[str], str]": lambda: str,
}


@dataclass(frozen=True)
class Call:
    """One call: by whom, of what, about the things of which home. `ending` says in which state they are."""

    actor: str
    function: str
    at: str
    ending: str = ""

    def __str__(self) -> str:
        return f"{self.function} with {self.at}{self.ending} by {self.actor}"


def services() -> dict[str, Callable[..., Any]]:
    """Everything in the services that is asked by an actor, by the end of its name."""
    found = {}
    for module in pkgutil.walk_packages(portal.services.__path__, "portal.services."):
        near = importlib.import_module(module.name)
        for name, function in inspect.getmembers(near, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters), "")
            if function.__module__ == near.__name__ and first == "actor" and not name.startswith("_"):
                found[f"{module.name.removeprefix('portal.services.')}.{name}"] = function
    return {name: function for name, function in found.items() if name not in TOLD}


def kind_of(function: str, name: str, kind: str) -> str:
    """Which kind of thing a parameter names, or nothing."""
    if kind.startswith("UUID"):
        return name if name.endswith("_id") and name != "thing_id" else "sheet_id" if name == "after" else ""
    if not _IDS.search(kind):
        return ""
    if name.endswith("_ids"):
        return name.removesuffix("s")
    module = function.partition(".")[0]
    column, review = module.startswith("column"), module.startswith("review")
    return _PLURAL.get(name) or ("change_id" if column else "application_id" if review else "sheet_id")


class Calls:
    """All calls over the world of a matrix."""

    def __init__(self, matrix: Matrix) -> None:
        self.matrix, self.world, self.before = matrix, matrix.world, matrix.before
        self.functions = services()
        self._never: dict[Call, str] = {}
        self._outside = {name: matrix.unseen(name) for name in CALLERS}

    def slice(self, actor: str, own: bool = False) -> Iterator[Call]:
        """Everything one actor calls about things of others; with `own` also about own ones."""
        for name, function in self.functions.items():
            parameters = [p for p in list(inspect.signature(function).parameters.values())[1:]]
            kinds = [kind for p in parameters if (kind := kind_of(name, p.name, str(p.annotation)))]
            if any(_plain_kind(p) not in _PLAIN for p in parameters if self._needs(name, p)):
                continue  # takes what another service has found
            if actor in FAMILIES and not name.startswith(OF_FAMILIES):
                continue
            if not [p for p in parameters if p.default is p.empty and kind_of(name, p.name, str(p.annotation))]:
                yield Call(actor, name, NOTHING)
            if kinds and actor in BY_ID and ("child_id" in kinds) == (actor in FAMILIES):
                near = CALLERS[actor]
                for ending in self._endings(kinds[0], near if near != CLASSMATE else "class"):
                    yield from (Call(actor, name, "class", ending) for _ in range(own))
                    yield from (Call(actor, name, at, ending) for at in (near, f"class, then {near}")[: len(kinds)])

    @staticmethod
    def _needs(function: str, p: inspect.Parameter) -> bool:
        return p.default is p.empty and p.kind != p.VAR_KEYWORD and not kind_of(function, p.name, str(p.annotation))

    def _endings(self, kind: str, home: str) -> list[str]:
        found = [known.removeprefix(kind) for known, at in self.world.things if at == home and known.startswith(kind)]
        return [ending for ending in found if not ending or ending.startswith(" ")] or [""]

    def _thing(self, kind: str, home: str, ending: str) -> Any:
        if home == NEVER:
            return RANDOM
        things = self.world.things
        return things.get((kind + ending, home)) or things.get((kind, home)) or things[(kind, "class")]

    def _given(self, call: Call) -> dict[str, Any]:
        """The arguments of a call."""
        first, _, rest = call.at.partition(", then ")
        given: dict[str, Any] = {}
        parameters = list(inspect.signature(self.functions[call.function]).parameters.values())[1:]
        for p in parameters:
            kind, words = kind_of(call.function, p.name, str(p.annotation)), str(p.annotation)
            if kind and call.at != NOTHING:
                thing = self._thing(kind, first if not rest or not given else rest, call.ending)
                version = self._version(call, rest or first)
                given[p.name] = (
                    thing if words.startswith("UUID") else {thing: version} if words.startswith("Map") else [thing]
                )
            elif p.name == "version":
                given[p.name] = self._version(call, rest or first)
            elif p.default is p.empty and p.kind != p.VAR_KEYWORD:
                given[p.name] = _WORDS.get(p.name) or _PLAIN[_plain_kind(p)]()
        return given

    def _version(self, call: Call, home: str) -> int:
        state = call.ending.removeprefix(" ")
        found = self.world.things.get((f"version {state}", home)) or self.world.things.get(
            (f"version application{call.ending}", home)
        )
        return found or 1

    def outcome(self, call: Call) -> tuple[str, str, str]:
        """(what came of it in words that two calls can be compared by, all that came back, what was sent)"""
        door = self.matrix.door
        point = door.begin()
        try:
            return contextvars.Context().run(self._call, call)
        finally:
            point.rollback()

    def _call(self, call: Call) -> tuple[str, str, str]:
        door = self.matrix.door
        with self.matrix.app.app_context():
            given = self._given(call)
            try:
                came = told(self.functions[call.function](self.world.actors[call.actor], **given))
            except Refusal as no:
                came = f"refused: {type(no).__name__} {no}"
            except LookupError as no:
                came = f"refused: {type(no).__name__}"
            except Exception as failure:
                came = f"a failure: {type(failure).__name__} {failure}"
            finally:
                db.session.remove()
        came += "".join(f" {name} {len(value.getvalue())}" for name, value in given.items() if _is_out(value))
        written = door.written - SELF
        plain = _TIME.sub("TIME", MARK.sub("ID", came)) + f" wrote {sorted(written)}"
        return plain, came, told(given)

    def fault(self, call: Call) -> str | None:
        """What is wrong with what came of a call, or None."""
        plain, came, sent = self.outcome(call)
        if came.startswith("a failure"):
            return None if self.is_allowed(call) or self.never(call) == plain else f"{call}: {came}: a failure"
        shown = {found[0].replace("-", "") for found in MARK.finditer(came)} & self._outside[call.actor]
        shown -= {mark for mark in shown if mark in sent}
        if shown:
            return f"{call}: gives {min(shown)} of somebody else"
        if self.is_allowed(call):
            fetched = self.matrix.door.fetched
            known, rows = self.before.get(call, (plain, fetched))
            if plain != known and call.function not in NEW and plain.endswith(" wrote []"):
                return f"{call}: changes with what lies elsewhere"
            return f"{call}: reads {fetched} rows, {rows} with nothing elsewhere" if fetched > rows else None
        never = self.never(call)
        return None if plain == never else f"{call}: {plain[:90]}, but what never existed: {never[:90]}"

    def never(self, call: Call) -> str:
        """What comes of the same call about what never existed."""
        other = replace(call, at=NEVER if ", then" not in call.at else f"class, then {NEVER}")
        if other not in self._never:
            self._never[other] = self.outcome(other)[0]
        return self._never[other]

    def opens(self, call: Call) -> bool:
        """True when a call about foreign things writes or gives something; refusals of all kinds do not."""
        plain, _came, _sent = self.outcome(call)
        return (
            not plain.startswith(("refused", "a failure")) and not self.is_allowed(call) and plain != self.never(call)
        )

    def forget(self) -> None:
        """What never existed is asked anew."""
        self._never.clear()

    @staticmethod
    def is_allowed(call: Call) -> bool:
        """True when nothing is named that lies elsewhere."""
        return call.at in (NOTHING, "class")

    @staticmethod
    def kin(call: Call) -> tuple[str, ...]:
        """What is called by whom, whatever about."""
        return call.function, call.actor, call.ending


def _plain_kind(p: inspect.Parameter) -> str:
    """The type of a parameter that names no thing."""
    return str(p.annotation).removesuffix(" | None")


def _is_out(value: Any) -> bool:
    return isinstance(value, io.BytesIO)


def told(value: Any, depth: int = 0) -> str:
    """Everything one can read in a value, things by their ids."""
    if depth > 7 or value is None or isinstance(value, str | int | float | date | datetime):
        return str(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, bytes):
        return "bytes" if value else "no bytes"
    if isinstance(value, Base):
        return f"{type(value).__name__} {getattr(value, 'id', None)} {getattr(value, 'path', '')}"
    if dataclasses.is_dataclass(value):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, Mapping):
        parts = [part for pair in value.items() for part in pair]
    elif isinstance(value, list | tuple | set | frozenset | GeneratorType | Columns):
        parts = list(value)
    else:
        return type(value).__name__
    texts = [told(part, depth + 1) for part in parts]
    return f"[{', '.join(sorted(texts) if isinstance(value, set | frozenset) else texts)}]"
