"""How one sheet stands in the eyes of its class teacher and of the family: one word, pure function of its facts."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from portal.rules.words import N_
from portal.rules.workflow import SheetState


class Facts(Protocol):
    """The columns of a sheet that are looked at."""

    state: SheetState
    registered: bool
    received: bool
    readable: bool
    returned: bool
    sent_back: bool


class PlainFacts(Facts, Protocol):
    """What `is_plain` looks at besides."""

    signed: bool
    written: int


class Standing(StrEnum):
    """The chip of a pupil in the class list (E12, G1, N2)."""

    NOT_ISSUED = "not_issued"
    UNTOUCHED = "untouched"
    REGISTERED = "registered"
    SENT_BACK = "sent_back"
    UNREADABLE = "unreadable"
    RECEIVED = "received"
    CHECKED = "checked"
    ENTERED = "entered"

    @property
    def label(self) -> str:
        return _WORDS[self]

    @property
    def group(self) -> Group:
        return _GROUPS[self]


class Group(StrEnum):
    """The tiles of the class list; every pupil in scope is in exactly one."""

    MISSING = "missing"
    REDO = "redo"
    WAITING = "waiting"
    CHECKED = "checked"
    ENTERED = "entered"

    @property
    def label(self) -> str:
        return _GROUP_WORDS[self]


_WORDS = {
    Standing.NOT_ISSUED: N_("还没发"),
    Standing.UNTOUCHED: N_("还没动"),
    Standing.REGISTERED: N_("已注册"),
    Standing.SENT_BACK: N_("已退回"),
    Standing.UNREADABLE: N_("看不清"),
    Standing.RECEIVED: N_("已收到"),
    Standing.CHECKED: N_("已检查"),
    Standing.ENTERED: N_("已录入"),
}
_GROUP_WORDS = {
    Group.MISSING: N_("还没交"),
    Group.REDO: N_("要重来"),
    Group.WAITING: N_("等我看"),
    Group.CHECKED: N_("已检查"),
    Group.ENTERED: N_("已录入"),
}
_GROUPS = {
    Standing.NOT_ISSUED: Group.MISSING,
    Standing.UNTOUCHED: Group.MISSING,
    Standing.REGISTERED: Group.MISSING,
    Standing.SENT_BACK: Group.REDO,
    Standing.UNREADABLE: Group.REDO,
    Standing.RECEIVED: Group.WAITING,
    Standing.CHECKED: Group.CHECKED,
    Standing.ENTERED: Group.ENTERED,
}
_LATER = {
    SheetState.CHECKED: Standing.CHECKED,
    SheetState.PASSED: Standing.CHECKED,
    SheetState.ENTERED: Standing.ENTERED,
    SheetState.VERIFIED: Standing.ENTERED,
    SheetState.ARCHIVED: Standing.ENTERED,
}


def standing_of(sheet: Facts, unrecognised: bool = False) -> Standing:
    """The standing of a sheet. `unrecognised`: a photo came that no machine could name, so that a person must look.

    A paper that is back on the teacher's desk needs no better photo; a photo of it that cannot be read does not
    send the family round again.
    """
    state = SheetState(sheet.state)
    if state in _LATER:
        return _LATER[state]
    if state in (SheetState.EXPECTED, SheetState.PRINTED):
        return Standing.NOT_ISSUED
    if state == SheetState.RECEIVED:
        unreadable = sheet.received and not sheet.readable and not sheet.returned
        return Standing.UNREADABLE if unreadable else Standing.RECEIVED
    if unrecognised:
        return Standing.RECEIVED
    if sheet.sent_back:
        return Standing.SENT_BACK
    return Standing.REGISTERED if sheet.registered else Standing.UNTOUCHED


def is_plain(sheet: PlainFacts, told: bool = False) -> bool:
    """Received, readable, signed and nothing written: it may be checked together with its like (architecture 4).

    `told`: the family said on the screen that an item is to be changed; such a sheet is looked at by itself.
    """
    waits = SheetState(sheet.state) == SheetState.RECEIVED and sheet.received
    return waits and sheet.readable and sheet.signed and sheet.written == 0 and not told
