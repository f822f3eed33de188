"""The matrix: every route of `url_map` by every actor with every kind of object, and what each answer must be.

A route is asked with the things of each home, with a thing that never existed, and with an own thing beside a foreign
one where it names two. What lies outside the own place must be answered exactly as what never existed (R129, R130).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import Rule

from portal.rules.access import PUBLIC, Action, may
from portal.rules.numbers import grouped
from portal.rules.roles import Actor
from portal.web.guard import action_of
from tests.access.bodies import ALIASES, ARGUMENTS, BODIES
from tests.access.door import SELF, Answer, Door, shown
from tests.access.world import ACTORS, CLASSMATE, FAMILIES, HOMES, LEFT, MARK, NOBODY, World

#: a thing that never existed; its hex stands in no other place
RANDOM = UUID("0d0d0d0d-4444-4eee-8fff-0c0c0c0c0c0c")
NOTHING, NEVER = "no object", "never existed"
#: reads all posts of a person, shows those inside: a post elsewhere keeps its password from being reset (sec-A46)
ALL_POSTS = ("staff.manage_accounts",)
#: what ends the asker's own sign-in
LAST = ("web.sign_out", "parents.leave")
#: values for parts of an address that are not objects of a place
FILLERS: dict[str, object] = {
    "measure": "received",
    "move": "send",
    "item": "phone",
    "group": "basic",
    "audience": "parents",
    "door": "s",
    "key": "0" * 11,
    "receipt": "0" * 8,
    "size": "page",
    "number": 1,
}
#: the nearest home that an actor has nothing to do with
NEAREST = {
    "teacher": "other class",
    "county": "other county",
    "leader of the county": "other county",
    "seat of the county": "other county",
    "prefecture": "other province",
    "province": "other province",
    "teacher of another class": "class",
    "registrar of another school": "class",
    "leader of another school": "class",
    "other county": "class",
    "other province": "class",
    "family": CLASSMATE,
    "family of a classmate": "class",
    "family before it is let in": "class",
}
_SLOT = re.compile(r"\[([^\]]+)\]")
_TOKEN = re.compile(r'"X-CSRFToken": "[^"]*"|name="csrf_token" value="[^"]*"')
_IDS = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@dataclass(frozen=True)
class Row:
    """One request: who, what, about which thing. `at` is a home, `NEVER`, or two homes of the first and the other
    objects; `extra` numbers the sets of arguments that the route is asked with."""

    actor: str
    method: str
    endpoint: str
    at: str
    extra: int = 0
    htmx: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} with {self.at} ({self.extra}) by {self.actor}"


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address and method a view answers."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def objects(rule: Rule) -> list[str]:
    """The parts of an address that name a thing, in their order."""
    return [name for _, name in re.findall(r"<([^<>:]*(?:\([^)]*\))?:)?(\w+)>", rule.rule) if name.endswith("_id")]


def extras(method: str, endpoint: str) -> list[dict[str, str]]:
    """What is sent along: forms, or arguments behind the question mark; always once with nothing."""
    known = ARGUMENTS if method == "GET" else BODIES
    found = known.get(endpoint, [])
    return [found] if isinstance(found, dict) else found or [{}]


def _things_in(text: str) -> list[str]:
    """The kinds of things a text names; how often a thing was changed is none."""
    return [kind for kind in _SLOT.findall(text) if not kind.startswith("version")]


class Matrix:
    """All rows over one world."""

    def __init__(self, app: Flask, world: World, door: Door, before: Mapping[Any, Any] | None = None) -> None:
        self.before = before or {}
        self.app, self.world, self.door, self.actors = app, world, door, world.actors
        self.urls = app.url_map.bind("127.0.0.1")
        self.rules = {(rule.endpoint, method): rule for rule, method in self._longest_last(app)}
        self._outside = {name: self.unseen(name) for name in ACTORS}
        self._base: dict[Row, Answer] = {}

    @staticmethod
    def _longest_last(app: Flask) -> list[tuple[Rule, str]]:
        """Of two addresses of one view the one with more objects is asked with them."""
        return sorted(routes(app), key=lambda pair: len(pair[0].arguments))

    def rows(self, actor: str) -> Iterator[Row]:
        """Everything one actor is asked with."""
        for (endpoint, method), rule in self.rules.items():
            if endpoint in LAST:
                continue
            ids = objects(rule)
            for n, extra in enumerate(extras(method, endpoint)):
                if not ids and not any(_things_in(value) for value in extra.values()):
                    yield Row(actor, method, endpoint, NOTHING, n)
                    continue
                of_child = ids[:1] == ["child_id"]
                homes = (*HOMES, CLASSMATE) if of_child and actor in FAMILIES else HOMES
                if not self._may(actor, endpoint):  # refused before anything is looked for
                    near = NEAREST.get(actor, "other school")
                    homes = (HOMES[0], near if of_child or near != CLASSMATE else "other class")
                for at in (*homes, NEVER, *self._mixed(ids, extra, homes)):
                    yield Row(actor, method, endpoint, at, n)
        for rule in self.app.url_map.iter_rules():  # the shorter address of a view that has two
            if self.rules.get((rule.endpoint, "GET"), rule) is not rule and "GET" in (rule.methods or ()):
                yield Row(actor, "GET", rule.endpoint, f"{NOTHING} in {rule.rule}", 0)

    def slice(self, actor: str) -> Iterator[Row]:
        """What `make test` asks: a role that may not, one route of each action, as htmx asks; a role that may, every
        route with an own thing, the nearest foreign one and one that never existed. All of it is `make access`."""
        refused: set[Action | None] = set()
        for row in self.rows(actor):
            action = action_of(self.app, row.endpoint)
            who = self.actors.get(actor)
            near = NEAREST.get(actor, "other school")
            if who is None:
                if row.at in ("class", NOTHING):
                    yield row
            elif not may(who, action or Action.SIGN_OUT):
                if action not in refused:
                    refused.add(action)
                    yield replace(row, htmx=True)
            elif row.at.startswith(NOTHING) or row.at in ("class", near, f"class, then {near}"):
                yield row

    @staticmethod
    def _mixed(ids: list[str], extra: dict[str, str], homes: tuple[str, ...]) -> list[str]:
        """An own thing first, then those of somebody else."""
        named = len(ids) + sum(bool(_things_in(value)) for value in extra.values())
        return [f"class, then {home}" for home in homes[1:]] if ids and named > 1 else []

    def address(self, row: Row) -> tuple[str, dict[str, Any] | None]:
        """Where to ask, and the form."""
        if row.at.startswith(f"{NOTHING} in "):
            return row.at.removeprefix(f"{NOTHING} in "), None
        rule = self.rules[(row.endpoint, row.method)]
        first, _, rest = row.at.partition(", then ")
        aliases, ids, values = ALIASES.get(row.endpoint, {}), objects(rule), dict[str, Any]()
        for name in rule.arguments:
            if name in ids:
                home = first if name == ids[0] or not rest else rest
                values[name] = self._thing(aliases.get(name, name), home)
            else:
                values[name] = aliases.get(name, FILLERS.get(name))
        address = self.urls.build(row.endpoint, values, method=row.method)
        extra = extras(row.method, row.endpoint)[row.extra]
        sent = {name: self._filled(text, rest or first) for name, text in extra.items()}
        if row.method == "GET":
            return address + ("?" + "&".join(f"{k}={v}" for k, v in sent.items()) if sent else ""), None
        return address, sent

    def _thing(self, kind: str, home: str) -> Any:
        if home == NEVER:
            return self.world.never.get(kind, RANDOM)
        return self.world.things[(kind, home)]

    def _filled(self, text: str, home: str) -> str:
        """`[kind]` becomes the thing of a home."""

        def one(found: re.Match[str]) -> str:
            thing = "1" if home == NEVER and found[1].startswith("version") else self._thing(found[1], home)
            return thing.hex if isinstance(thing, UUID) else str(thing)

        return _SLOT.sub(one, text)

    def ask(self, row: Row, headers: dict[str, str] | None = None) -> Answer:
        address, form = self.address(row)
        sent = dict(headers or {})
        if row.htmx:
            sent["HX-Request"] = "true"
        return self.door.ask(self.world.tokens.get(row.actor), row.method, address, form, sent)

    def fault(self, row: Row) -> str | None:
        """What is wrong with the answer to a row, or None."""
        try:
            answer = self.ask(row)
        except KeyError as missing:
            return f"{row}: the world has no {missing}"
        told = self._fault(row, answer)
        return f"{row}: {answer.status}, {told}" if told else None

    def _fault(self, row: Row, answer: Answer) -> str | None:
        action = action_of(self.app, row.endpoint)
        assert action is not None
        if answer.status >= 500:
            return "a failure"
        seen = self._leaked(row, answer)
        if seen:
            return f"shows {seen} of somebody else"
        if row in self.before:
            before, fetched = self.before[row]
            if shown(answer) != before:
                return "changes with what lies elsewhere"
            if answer.fetched > fetched and answer.status < 400 and row.endpoint not in ALL_POSTS:
                return f"reads {answer.fetched} rows, {fetched} when there was nothing elsewhere"
        if action in PUBLIC:
            return None
        if row.actor in (NOBODY, LEFT):
            return self._turned_away(row, answer)
        actor = self.actors[row.actor]
        if not may(actor, action):
            return "the role may not" if answer.status != 403 or answer.written - SELF else None
        return self._of_place(row, answer, actor, action)

    @staticmethod
    def _turned_away(row: Row, answer: Answer) -> str | None:
        if answer.written:
            return f"nobody wrote {set(answer.written)}"
        sent_on = answer.status in (302, 303) or (row.htmx and answer.status == 200 and not answer.body)
        return None if sent_on and answer.location.startswith("/sign-in") else "not sent to the sign-in"

    def _of_place(self, row: Row, answer: Answer, actor: Actor, action: Action) -> str | None:
        if row.at.startswith(NOTHING) or self._inside(row, actor):
            return None
        if answer.written - SELF:
            return f"wrote {set(answer.written - SELF)}"
        if row.at == NEVER:
            return None if answer.status < 500 else "a failure"
        never = self.never(row)
        if answer.status != never.status:
            return f"what never existed is answered {never.status}"
        return (
            None
            if self._plain(row, answer) == self._plain(self._beside(row), never)
            else "not the answer of what never existed"
        )

    def never(self, row: Row) -> Answer:
        """The answer to the same request about what never existed."""
        other = self._beside(row)
        if other not in self._base:
            self._base[other] = self.ask(other)
        return self._base[other]

    @staticmethod
    def _beside(row: Row) -> Row:
        """The same row about what never existed."""
        return replace(row, at=NEVER if ", then" not in row.at else f"class, then {NEVER}")

    def opens(self, row: Row) -> bool:
        """True when a row about foreign things writes or shows something; refusals of all kinds do not."""
        answer = self.ask(row)
        if answer.written - SELF or self._leaked(row, answer):
            return answer.status < 500
        return answer.status < 400 and not self.is_allowed(row) and answer.status != self.never(row).status

    def forget(self) -> None:
        """What never existed is asked anew."""
        self._base.clear()

    def _may(self, name: str, endpoint: str) -> bool:
        action, actor = action_of(self.app, endpoint), self.actors.get(name)
        return action in PUBLIC or (actor is not None and action is not None and may(actor, action))

    def is_allowed(self, row: Row) -> bool:
        """True when the role may do it, and everything it names lies in its place."""
        if row.actor not in self.actors or not self._may(row.actor, row.endpoint):
            return False
        return row.at.startswith(NOTHING) or self._inside(row, self.actors[row.actor])

    @staticmethod
    def kin(row: Row) -> tuple[str, str, str, int]:
        """What is asked by whom, whatever about."""
        return row.method, row.endpoint, row.actor, row.extra

    def _plain(self, row: Row, answer: Answer) -> str:
        """The body without what was sent, which some pages repeat."""
        body = _TOKEN.sub("", answer.body)
        _address, form = self.address(row)
        for text in (form or {}).values():  # what was looked for is said again
            for said in (text, grouped(text).replace("-", " ")) if len(text) > 2 else ():
                body = body.replace(said, "TEXT")
        return _IDS.sub("ID", body)

    def _inside(self, row: Row, actor: Actor) -> bool:
        """True when everything the row names lies in the actor's place; a family's things are its own alone."""
        if row.at == NEVER:
            return False
        rule = self.rules[(row.endpoint, row.method)]
        first, _, rest = row.at.partition(", then ")
        aliases, ids = ALIASES.get(row.endpoint, {}), objects(rule)
        named = [(aliases.get(name, name), first if n == 0 or not rest else rest) for n, name in enumerate(ids)]
        extra = extras(row.method, row.endpoint)[row.extra]
        named += [(kind, rest or first) for text in extra.values() for kind in _things_in(text)]
        if row.actor in FAMILIES and ids[:1] == ["child_id"]:
            named = [("child_id", home) for _kind, home in named]
        return all(actor.covers(self.world.paths[pair]) for pair in named)

    def unseen(self, name: str) -> frozenset[str]:
        """The marks of what this actor may not see."""
        if name in FAMILIES:
            return self.world.outside_family(FAMILIES[name])
        return self.world.outside(self.actors[name].path if name in self.actors else None)

    def _leaked(self, row: Row, answer: Answer) -> str | None:
        """A mark of somebody else's home that the asker has not sent."""
        unseen = {found[0].replace("-", "") for found in MARK.finditer(answer.body)} & self._outside[row.actor]
        if not unseen:
            return None
        address, form = self.address(row)
        sent = f"{address}{form}".replace("-", "")
        return next((mark for mark in sorted(unseen) if mark not in sent), None)
