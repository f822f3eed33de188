"""What a claimed family is told where its screen and its paper disagree, and leaving it to the paper.

Typed and written stay side by side whatever is done here; the school sees both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from portal.models import Photo, Sheet, db
from portal.paper.form_rows import numbers
from portal.rules.check_groups import CheckGroup, group_of
from portal.rules.codes import printed
from portal.rules.inputs import shown_date
from portal.rules.items import ITEMS, Item
from portal.rules.roles import Actor
from portal.rules.screen_paper import Differs
from portal.services import family_check, guardians, screen_paper
from portal.services.doors import Opened
from portal.services.family_check import Known, closed_of
from portal.services.history import record
from portal.services.refusals import TooLate


@dataclass(frozen=True)
class Line:
    """One item that does not agree: its number on the paper, what was typed and ticked in words, empty when nothing.

    `key` says which disagreement was on the screen when the family leaves it to the paper.
    """

    item: Item
    group: CheckGroup
    number: int
    how: Differs
    typed: str
    ticked: str
    cleared: bool

    @property
    def key(self) -> str:
        return f"{self.item.code}:{self.how.value}"


@dataclass(frozen=True)
class Differences:
    """What nobody has decided about, in the order of the paper; empty when all agrees or nothing can be changed."""

    child_id: UUID
    lines: tuple[Line, ...] = ()

    @property
    def needs_paper(self) -> bool:
        """True when something has to be written on the paper, or be left."""
        return any(line.how.needs_paper for line in self.lines)


def of_child(actor: Actor, child_id: UUID, language: str) -> Differences:
    """Of an own child; raises `NotFound`."""
    return _of(family_check.known(actor, child_id), child_id, language)


def of_photo(actor: Actor | None, opened: Opened, receipt: str, language: str) -> Differences | None:
    """For the answer to a photo: only for the claimed guardian who is signed in, and only about the photo that now
    speaks for the sheet."""
    child_id = guardians.child_behind(actor, opened) if actor else None
    if actor is None or child_id is None:
        return None
    sheet = guardians.sheet_of(actor, child_id)
    shown = db.session.get(Photo, sheet.photo_id) if sheet.photo_id else None
    if sheet.id != opened.sheet_id or shown is None or shown.receipt != receipt:
        return None
    return of_child(actor, child_id, language)


def _of(found: Known, child_id: UUID, language: str) -> Differences:
    if closed_of(found.sheet) is not None:
        return Differences(child_id)
    lines = []
    for item, how in found.compared.open.items():
        group = group_of(item)
        if group is not None:
            lines.append(_line(found, group, (item, how), language))
    return Differences(child_id, tuple(sorted(lines, key=lambda line: line.number)))


def _line(found: Known, group: CheckGroup, which: tuple[str, Differs], language: str) -> Line:
    item, said = ITEMS[which[0]], found.said.get(which[0], {})
    typed = said.get("typed")
    return Line(
        item=item,
        group=group,
        number=numbers()[item.code],
        how=which[1],
        typed=_shown(item, typed or "", language),
        ticked=_shown(item, said.get("ticked") or "", language),
        cleared=typed == "",
    )


def _shown(item: Item, value: str, language: str) -> str:
    return shown_date(item, value, language) or printed(item.code, value, language)


def leave(actor: Actor, child_id: UUID, shown: Collection[str]) -> int:
    """The family has seen these disagreements (keys) and leaves them to the signed paper; returns how many. Commits.

    What has changed since is not left. Raises `NotFound`, `TooLate` once the class teacher has looked.
    """
    found = family_check.known(actor, child_id, lock=True)
    closed = closed_of(found.sheet)
    if closed is not None:
        raise TooLate(closed)
    left = 0
    for item, how in found.compared.open.items():
        if f"{item}:{how.value}" in shown and item in found.changes:
            _leave(actor, found, item, how)
            left += 1
    db.session.commit()
    return left


def _leave(actor: Actor, found: Known, item: str, how: Differs) -> None:
    change = found.changes[item]
    change.values = change.values | {"left": screen_paper.mark_of(how, found.sheet)}
    record(actor, change, "LEAVE_TO_PAPER", change.school_id, item=item, how=how.value)


def waiting(sheet: Sheet) -> int:
    """How many disagreements of a sheet wait for its family."""
    return len(screen_paper.compared(sheet).open) if closed_of(sheet) is None else 0
