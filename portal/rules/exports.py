"""Bulk exports: what there is to take along, what for, who releases it, and the mark a file carries (sec-A35, sec-A36).

The mark is a number and a check that only this deployment can make, so that nobody puts somebody else's number on a
file: `DC000012-7K3QX`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from portal.rules.items import ITEMS
from portal.rules.masks import mask_id
from portal.rules.places import ancestors
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.rules.words import N_

#: a file that was released is built and fetched within this time, then it goes
LIFE = timedelta(hours=24)
#: what nobody has decided for so long has ended
PATIENCE = timedelta(days=14)
SHORTEST, LONGEST = 4, 80
LONGEST_REASON = 200
#: groups of a file's password, without look-alikes: 59 bits, each guess costs 100,000 rounds of SHA-512
PASSWORD_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
PASSWORD_GROUPS, PASSWORD_GROUP = 3, 4
CHECK_SYMBOLS = 5
#: a mark in a text, also where a printer broke it at the hyphen
MARK = re.compile(rf"DC\s?([0-9]{{6,9}})\s?[-\u2010\u2011]\s?([0-9A-HJKMNP-TV-Z]{{{CHECK_SYMBOLS}}})(?![0-9A-Z])")
#: what looks like a resident ID number or a student number, whatever the column says
_NUMBER = re.compile(r"(?<![0-9A-Za-z])[GJL]?[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
NUMBER_TYPES = ("id_number", "student_number19")


class Kind(StrEnum):
    """What is exported. The first two are asked for; the others are released otherwise, and marked and numbered all
    the same."""

    ROSTER = "roster"
    REGISTRATION = "registration"
    CHANGES = "changes"
    CHECK_LIST = "check_list"

    @property
    def label(self) -> str:
        return _KIND_WORDS[self]


_KIND_WORDS = {
    Kind.ROSTER: N_("花名册"),
    Kind.REGISTRATION: N_("补录名单"),
    Kind.CHANGES: N_("交给学籍系统的改动"),
    Kind.CHECK_LIST: N_("人籍核对名单"),
}
#: what a second person releases, by who may ask
ASKED_AT_SCHOOL = (Kind.ROSTER, Kind.REGISTRATION)
ASKED_AT_AUTHORITY = (Kind.ROSTER,)


class State(StrEnum):
    """Where an export is."""

    ASKED = "asked"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    BUILDING = "building"
    BUILT = "built"
    FETCHED = "fetched"
    ENDED = "ended"

    @property
    def label(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    State.ASKED: N_("等第二人放行"),
    State.RELEASED: N_("放行了"),
    State.REFUSED: N_("没有放行"),
    State.WITHDRAWN: N_("收回了"),
    State.BUILDING: N_("正在做文件"),
    State.BUILT: N_("可以取"),
    State.FETCHED: N_("取走了"),
    State.ENDED: N_("过期了"),
}
#: states in which something is still to be done
OPEN = (State.ASKED, State.RELEASED, State.BUILDING, State.BUILT)


class Purpose(StrEnum):
    """What an export is for; words say it precisely."""

    REGISTRY = "registry"
    CHECK = "check"
    SERVICE = "service"
    REPORT = "report"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _PURPOSE_WORDS[self]


_PURPOSE_WORDS = {
    Purpose.REGISTRY: N_("导进学籍系统"),
    Purpose.CHECK: N_("校内核对"),
    Purpose.SERVICE: N_("办资助、体检、保险、考试"),
    Purpose.REPORT: N_("上级要求报送"),
    Purpose.OTHER: N_("别的"),
}


def asked_kinds(actor: Actor) -> tuple[Kind, ...]:
    """What this actor may ask for: registrars only."""
    if actor.role != Role.REGISTRAR:
        return ()
    if actor.level == Level.SCHOOL:
        return ASKED_AT_SCHOOL
    return ASKED_AT_AUTHORITY if actor.level in AUTHORITY_LEVELS else ()


def may_release(actor: Actor, path: str, at_school: bool) -> bool:
    """May this post release what the registrar of the place `path` has asked for? At a school its leader; at an
    authority its leader, or registrar and leader of the place directly above. That it is another person than the one
    who asked is asked besides."""
    if actor.path == path:
        return actor.role == Role.LEADER
    above = ancestors(path)[:-1]
    is_above = bool(above) and actor.path == above[-1] and actor.role in (Role.LEADER, Role.REGISTRAR)
    return is_above and not at_school and actor.level in AUTHORITY_LEVELS


def masked(record: Mapping[str, str]) -> dict[str, str]:
    """A record whose numbers are shown in part, also those that stand in another column than their own."""
    return {item: _hidden(item, value) for item, value in record.items()}


def _hidden(item: str, value: str) -> str:
    known = ITEMS.get(item)
    if known is not None and known.type in NUMBER_TYPES:
        return mask_id(value)
    return _NUMBER.sub(lambda found: mask_id(found[0]), value)


def mark_text(number: int, check: str) -> str:
    """The mark of an export as it stands in its file."""
    return f"DC{number:06d}-{check}"


def marks_in(text: str) -> list[tuple[int, str]]:
    """(number, check) of every mark in a text, in its order, each once."""
    return list(dict.fromkeys((int(found[1]), found[2]) for found in MARK.finditer(text)))


def share(found: Collection[object], known: Collection[object]) -> float:
    """Which part of what was found is known, from 0 to 1."""
    return len(set(found) & set(known)) / len(set(found)) if found else 0.0
