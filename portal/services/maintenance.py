"""Changing what needs no authority, one group of a pupil's record at a time (G4-G9, R103, X10, X34).

Key data and items under control are shown and never saved here; they need an application. Values are checked together,
so that what one change makes necessary elsewhere is told and can be filled in with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.models import Change, Place, Pupil, Sheet, db, keyring
from portal.rules import corrections, doubtful
from portal.rules.check_groups import CheckGroup
from portal.rules.clock import now
from portal.rules.corrections import because_of, errors_of_all
from portal.rules.evidence import documents_for
from portal.rules.items import ITEMS, PARENT_ITEMS, Item
from portal.rules.normalise import normalise
from portal.rules.problems import Problem
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.rules.workflow import SheetState
from portal.services import column_claims, lists, place_settings, pupils, viewing
from portal.services.history import record
from portal.services.maintenance_states import Standing, standing_of
from portal.services.readings import new_change
from portal.services.refusals import NotFound, Refusal, TooLate

#: where a change comes from that no family wrote: the school typed it
AT_DESK = "desk"
MAINTAIN = "MAINTAIN"
NOT_TO_ITS_END = N_("请一步一步选到县（市、区）。")
CHANGED_MEANWHILE = N_("刚才别人先改了。您填的没有存，请看一眼新的再做。")


@dataclass(frozen=True)
class Listed:
    """A pupil to choose."""

    pupil_id: UUID
    name: str
    class_name: str
    seat: str


@dataclass(frozen=True)
class Row:
    """One item: `now` as stored; `is_key_data` and `is_controlled` items are only shown. `was` is what the sheet was
    printed with where it has been changed since; `asked`: the family left it to the school; `documents` are the kinds
    any one of which the present value needs."""

    item: Item
    now: str
    is_key_data: bool = False
    is_controlled: bool = False
    was: str | None = None
    asked: bool = False
    doubts: tuple[Problem, ...] = ()
    documents: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """True when it may be changed here."""
        return not (self.is_key_data or self.is_controlled)


@dataclass(frozen=True)
class Wrong:
    """A broken rule at an item; `because` are the changes of other items that bring it."""

    problem: Problem
    because: tuple[str, ...] = ()


@dataclass
class Outcome:
    """What came of saving: broken rules and sentences (message ids with values) by item. Nothing is saved unless all
    is right; `saved` are the items whose values changed."""

    wrong: dict[str, list[Wrong]] = field(default_factory=dict)
    said: dict[str, Refusal] = field(default_factory=dict)
    saved: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.wrong and not self.said


def pupils_of(actor: Actor, class_id: UUID) -> list[Listed]:
    """The pupils of a class of the actor's school who are there, by number; raises `NotFound`."""
    class_ = lists.find(actor, Place, class_id)
    if class_.level != Level.CLASS:
        raise NotFound
    return _listed(select(Pupil).where(Pupil.class_id == class_.id))


def named(actor: Actor, name: str) -> list[Listed]:
    """The pupils of the actor's school with exactly this name."""
    index = keyring().blind("pupil.name", normalise("name", name))
    return _listed(select(Pupil).where(Pupil.name_index == index, lists.inside(Pupil.path, actor)))


def _listed(query: Select[Pupil]) -> list[Listed]:
    there = query.where(Pupil.is_draft.is_(False), Pupil.left_at.is_(None)).options(joinedload(Pupil.class_))
    found = sorted(db.session.scalars(there), key=lambda pupil: (pupil.path, lists.seat_order(pupil.record)))
    return [
        Listed(one.id, one.record["name"], one.class_.name, one.record.get("class_seat_number", "")) for one in found
    ]


class Opened:
    """A pupil whose record is looked at or changed; `standing` says whether and where changes are written."""

    def __init__(self, pupil: Pupil, standing: Standing) -> None:
        self.pupil, self.standing = pupil, standing
        self.record: dict[str, str] = pupil.record
        self.context = pupils.context_of(pupil)
        self.controlled = frozenset(place_settings.controlled_items(pupil.path))
        self.changes = {change.item: change for change in standing.sheet.changes} if standing.sheet else {}

    @property
    def class_(self) -> Place:
        return self.pupil.class_

    @property
    def version(self) -> int:
        return self.pupil.version

    def may_change(self, item: str) -> bool:
        """R103, G8: neither key data nor an item under control."""
        return item in PARENT_ITEMS and not ITEMS[item].is_key_data and item not in self.controlled

    @cached_property
    def doubts(self) -> dict[str, list[Problem]]:
        """What is doubtful in the record, by item."""
        return doubtful.for_family(doubtful.doubts(self.record, self.context))

    def rows(self, group: CheckGroup) -> tuple[Row, ...]:
        """The items of a group as they stand on the paper."""
        return tuple(self.row(item) for item in group.items)

    def row(self, code: str) -> Row:
        """One item."""
        item, kept = ITEMS[code], self.record.get(code, "")
        said = self.changes[code].values if code in self.changes else {}
        return Row(
            item=item,
            now=kept,
            is_key_data=item.is_key_data,
            is_controlled=code in self.controlled,
            was=said["printed"] if said and said["printed"] != kept else None,
            asked=bool(said.get("asked")),
            doubts=tuple(self.doubts.get(code, ())),
            documents=documents_for(code, self.record),
        )


def opened(actor: Actor, pupil_id: UUID) -> Opened:
    """A pupil of the actor's school to look at; raises `NotFound`."""
    pupil = lists.find(actor, Pupil, pupil_id)
    return Opened(pupil, standing_of(pupil))


def look(actor: Actor, pupil_id: UUID) -> None:
    """The record of a pupil is about to be shown: written down once a day, and counted (sec-A34). Commits."""
    viewing.look(actor, lists.find(actor, Pupil, pupil_id), viewing.RECORD)


def _locked(actor: Actor, pupil_id: UUID) -> Opened:
    """The pupil with its sheet, locked in the order in which everybody locks them; raises the refusal that holds."""
    seen = lists.find(actor, Pupil, pupil_id)
    standing = standing_of(seen, lock=True)
    if standing.closed is not None:
        raise standing.closed
    if standing.sheet is not None:
        db.session.refresh(standing.sheet, ["changes"])
    return Opened(lists.find(actor, Pupil, pupil_id, lock=True), standing)


def try_out(actor: Actor, pupil_id: UUID, raw: Mapping[str, str | None]) -> Outcome:
    """What these values, as typed, would bring; nothing is saved. Raises `NotFound`."""
    found, outcome = opened(actor, pupil_id), Outcome()
    _check(found, _wanted(found, raw, outcome), outcome)
    return outcome


def save(actor: Actor, pupil_id: UUID, version: int, raw: Mapping[str, str | None]) -> Outcome:
    """Save values as typed, all or none: final at once, written down for the leader (G4, G6). Commits.

    `raw`: item -> text, None for a place that was not chosen to its end. `version` is that of the pupil on the screen.
    Raises `NotFound`, `TooLate` for what cannot be changed now or has changed since, `Refusal` for key data and items
    under control (R103, G8).
    """
    found, outcome = _locked(actor, pupil_id), Outcome()
    _require_open_items(found, raw)
    if found.version != version:
        raise TooLate(CHANGED_MEANWHILE)
    wanted = _wanted(found, raw, outcome)
    _check(found, wanted, outcome)
    _claimed(actor, found, wanted, outcome)
    if outcome.is_whole and wanted:
        _keep(actor, found, wanted)
        outcome.saved = list(wanted)
    db.session.commit()
    return outcome


def _require_open_items(found: Opened, raw: Iterable[str]) -> None:
    for item in raw:
        if item not in PARENT_ITEMS:
            raise NotFound
        if not found.may_change(item):
            raise Refusal(N_("这一项是关键信息或者受控项目，不能在这里改：要带证件走申请。"))


def _wanted(found: Opened, raw: Mapping[str, str | None], outcome: Outcome) -> dict[str, str]:
    """The values that differ from the record, in stored form and in the order of the items."""
    wanted = {}
    for item in (code for code in ITEMS if code in raw):
        text = raw[item]
        if text is None:
            outcome.said[item] = Refusal(NOT_TO_ITS_END)
        elif (value := normalise(item, text)) != found.record.get(item, ""):
            wanted[item] = value
    return wanted


def _check(found: Opened, wanted: Mapping[str, str], outcome: Outcome) -> None:
    for problem in errors_of_all(found.record, wanted, found.context):
        if problem.item is not None:
            because = because_of(found.record, wanted, problem, found.context)
            outcome.wrong.setdefault(problem.item, []).append(Wrong(problem, because))


def _claimed(actor: Actor, found: Opened, wanted: Iterable[str], outcome: Outcome) -> None:
    """Nobody overwrites what a colleague has before them."""
    for item in wanted:
        if item in found.changes:
            try:
                column_claims.require_free(actor, found.changes[item])
            except Refusal as held:
                outcome.said[item] = held


def _keep(actor: Actor, found: Opened, wanted: Mapping[str, str]) -> None:
    sheet, before = found.standing.sheet, found.record
    if sheet is None:
        told = {item: [before.get(item, ""), value] for item, value in wanted.items()}
        text = json.dumps(told, ensure_ascii=False)
        record(actor, found.pupil, MAINTAIN, found.pupil.school_id, reason=text, items=list(wanted))
    else:
        for item, value in wanted.items():
            _keep_on_sheet(actor, sheet, found.changes.get(item) or new_change(sheet, item, AT_DESK), value)
        if sheet.state == SheetState.ENTERED:  # a leader who has the journal open reads it again before signing off
            sheet.updated_at = now()
    pupils.keep_record(found.pupil, {**before, **wanted})


def _keep_on_sheet(actor: Actor, sheet: Sheet, change: Change, value: str) -> None:
    db.session.flush()  # a new change has its id
    if change.source == AT_DESK and value == change.values["printed"]:
        record(actor, change, "TAKE_BACK_CHANGE", sheet.school_id, item=change.item)
        db.session.delete(change)
        return
    change.values = corrections.entered(change.values, value, sheet.pupil.record.get(change.item, ""))
    change.outcome, change.reason = "accepted", None
    change.entered_by_id, change.entered_at = actor.user_id, now()
    change.claimed_by_id = change.claimed_until = None
    record(actor, change, "CHANGE_ACCEPTED", sheet.school_id, item=change.item)
