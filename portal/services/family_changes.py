"""What a claimed family types while checking: saved at once as a change of one item, taken back, left to the school,
and groups confirmed. The sheet is locked, so that two guardians and a photo cannot get in each other's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, GroupCheck, db
from portal.rules.clock import now
from portal.rules.corrections import is_told, own_errors_of
from portal.rules.normalise import normalise
from portal.rules.problems import Problem
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import family_check
from portal.services.family_check import Known, closed_of, group_named
from portal.services.history import record
from portal.services.readings import new_change
from portal.services.refusals import NotFound, TooLate

CHANGED_MEANWHILE = N_("这一项刚才有了变化，您填的还没有存。看一眼现在的，要改再存一次。")
NOT_TO_ITS_END = N_("请一步一步选到县（市、区）。")
_LONGEST = 400


@dataclass(frozen=True)
class Answer:
    """What was typed for an item, None for a place that was not chosen to its end, and the version of the change that
    was on the screen (0: none)."""

    raw: str | None
    version: int


@dataclass
class Outcome:
    """What came of saving: broken rules and sentences (message ids) by item; nothing of these items was saved."""

    wrong: dict[str, list[Problem]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    saved: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Everything typed has been saved."""
        return not self.wrong and not self.said


def _open(actor: Actor, child_id: UUID) -> Known:
    """The locked sheet of an own child; raises `TooLate` when nothing can be changed now."""
    found = family_check.known(actor, child_id, lock=True)
    closed = closed_of(found.sheet)
    if closed is not None:
        raise TooLate(closed)
    return found


def save(actor: Actor, child_id: UUID, code: str, answers: Mapping[str, Answer], confirm: bool = False) -> Outcome:
    """Save what was typed in a group, item by item, and with `confirm` say that the rest of it is right. Commits.

    What breaks a rule or was changed by somebody else meanwhile is not saved and stands in the outcome; the group is
    confirmed only when nothing does. Raises `NotFound`, `TooLate`.
    """
    one, found, outcome = group_named(code), _open(actor, child_id), Outcome()
    if set(answers) - set(one.items):
        raise NotFound
    for item in one.items:
        if item in answers:
            _save_one(actor, found, item, answers[item], outcome)
    if confirm and outcome.is_whole:
        _confirm(actor, found, code)
    db.session.commit()
    return outcome


def _save_one(actor: Actor, found: Known, item: str, answer: Answer, outcome: Outcome) -> None:
    if answer.raw is None:
        outcome.said[item] = NOT_TO_ITS_END
        return
    value, change = normalise(item, answer.raw[:_LONGEST]), found.changes.get(item)
    if (change.version if change else 0) != answer.version and found.values.get(item, "") != value:
        outcome.said[item] = CHANGED_MEANWHILE
        return
    wrong = own_errors_of(found.values, item, value, found.context) if value != found.record.get(item, "") else []
    if wrong:
        outcome.wrong[item] = wrong
        return
    if value == found.record.get(item, ""):
        _take_back(actor, found, item)
    else:
        _say(actor, found, item, "TYPE_CHANGE", typed=value, asked=False)
    outcome.saved.append(item)


def _say(actor: Actor, found: Known, item: str, move: str, **said: Any) -> None:
    """Keep what the family says about an item beside what was printed and what ink there is."""
    change = found.changes.get(item)
    before = found.said.get(item, {})
    if change is not None and all(before.get(name) == value for name, value in said.items()):
        return
    if change is None:
        change = new_change(found.sheet, item, source="typed")
    by = actor.user_id.hex if actor.user_id else None
    change.values = change.values | said | {"typed_at": now().isoformat(), "typed_by": by, "left": None}
    found.changes[item], found.said[item] = change, change.values
    record(actor, change, move, change.school_id, item=item)


def _take_back(actor: Actor, found: Known, item: str) -> None:
    """The item is as printed again; what was written on the paper stays."""
    change, said = found.changes.get(item), found.said.get(item, {})
    if change is None or not is_told(said):
        return
    record(actor, change, "TAKE_BACK_CHANGE", change.school_id, item=item)
    if change.source == "typed" and change.crop_address is None and not said.get("ticked"):
        db.session.delete(change)
        del found.changes[item], found.said[item]
        return
    change.source = "ink" if change.source == "typed" else change.source
    change.values = {name: value for name, value in said.items() if name in ("printed", "ticked", "entered")}
    found.said[item] = change.values


def take_back(actor: Actor, child_id: UUID, item: str, version: int) -> None:
    """Leave an item as it is printed after all. Commits. Raises `TooLate` when it has changed meanwhile."""
    found = _open(actor, child_id)
    _require_version(found.changes.get(item), version)
    _take_back(actor, found, item)
    db.session.commit()


def ask_school(actor: Actor, child_id: UUID, item: str, version: int) -> None:
    """Say that the family does not know and the school is to fill the item in. Commits."""
    found = _open(actor, child_id)
    _require_version(found.changes.get(item), version)
    _say(actor, found, item, "ASK_SCHOOL", typed=None, asked=True)
    db.session.commit()


def _require_version(change: Change | None, version: int) -> None:
    if (change.version if change else 0) != version:
        raise TooLate(CHANGED_MEANWHILE)


def _confirm(actor: Actor, found: Known, code: str) -> None:
    assert actor.user_id is not None, "a family has an account"
    query = select(GroupCheck).where(GroupCheck.sheet_id == found.sheet.id, GroupCheck.group == code)
    row = db.session.scalar(query)
    if row is None:
        row = GroupCheck(sheet_id=found.sheet.id, group=code, by_id=actor.user_id)
        db.session.add(row)
    row.by_id, row.at = actor.user_id, now()
    record(actor, found.sheet, "CHECK_GROUP", found.sheet.school_id, group=code)
