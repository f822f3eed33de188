"""What was changed without a sheet: the pupil's own journal, which the leader signs off or sends back (G6, G9, X10)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from portal.models import Pupil, Step, User, db
from portal.rules.codes import printed
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name, mask_pair
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import lists, pending
from portal.services.history import record
from portal.services.maintenance import MAINTAIN, Opened
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate

SIGN_OFF, SEND_BACK = "SIGN_OFF_CHANGES", "SEND_BACK_CHANGES"
#: so many are listed at once; the others follow when these are signed off
LISTED = 100


@dataclass(frozen=True)
class Line:
    """One item: what was registered and what it is now, in words."""

    item: Item
    was: str
    became: str


@dataclass(frozen=True)
class Entry:
    """What one person changed at one time. `state`: "waiting" for the leader, "seen", "refused" with its reason, or
    "on_sheet" where the sheet's own journal has it."""

    step_id: UUID
    lines: tuple[Line, ...]
    who: str
    at: datetime
    state: str
    reason: str = ""
    pupil_id: UUID | None = None
    name: str = ""
    class_name: str = ""
    own: bool = False


def of_pupil(found: Opened, lang: str = "zh") -> list[Entry]:
    """What was changed of a pupil's record, the newest first: on the present sheet, and without one."""
    steps = _entries(select(Step).where(Step.thing_id == found.pupil.id, Step.move == MAINTAIN), lang)
    return sorted([*_on_sheet(found, lang), *steps], key=lambda one: one.at, reverse=True)[:20]


def _on_sheet(found: Opened, lang: str) -> list[Entry]:
    done = [change for change in found.changes.values() if change.outcome == "accepted" and change.entered_at]
    people = _names({change.entered_by_id for change in done if change.entered_by_id})
    entries = []
    for change in done:
        line = _line(change.item, change.values["printed"], change.values["entered"] or "", lang)
        who = people.get(change.entered_by_id, "") if change.entered_by_id else ""
        assert change.entered_at is not None
        entries.append(Entry(change.id, (line,), who, change.entered_at, "on_sheet"))
    return entries


def _line(item: str, was: str, became: str, lang: str) -> Line:
    if ITEMS[item].type == "id_number":  # only what differs is shown
        return Line(ITEMS[item], *mask_pair(was, became, is_name=False))
    return Line(ITEMS[item], printed(item, was, lang), printed(item, became, lang))


def _names(ids: set[UUID]) -> dict[UUID, str]:
    return {user.id: user.name or "" for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


def _entries(query: Select[Step], lang: str, actor: Actor | None = None) -> list[Entry]:
    steps = list(db.session.scalars(query))
    answers = _answers([step.id for step in steps])
    people = _names({step.by_id for step in steps if step.by_id})
    pupils = {one.id: one for one in db.session.scalars(select(Pupil).where(Pupil.id.in_({s.thing_id for s in steps})))}
    return [_entry(step, answers.get(step.id), people, pupils[step.thing_id], lang, actor) for step in steps]


def _entry(
    step: Step, answer: Step | None, people: dict[UUID, str], pupil: Pupil, lang: str, actor: Actor | None
) -> Entry:
    told = json.loads(step.reason or "{}")
    state = "waiting" if answer is None else "seen" if answer.move == SIGN_OFF else "refused"
    return Entry(
        step_id=step.id,
        lines=tuple(_line(item, told[item][0], told[item][1], lang) for item in ITEMS if item in told),
        who=people.get(step.by_id, "") if step.by_id else "",
        at=step.at,
        state=state,
        reason=(answer.reason or "") if answer is not None and state == "refused" else "",
        pupil_id=pupil.id,
        name=mask_name(pupil.record["name"]),
        class_name=pupil.class_.name,
        own=actor is not None and step.by_id == actor.user_id,
    )


def _answers(step_ids: list[UUID]) -> dict[UUID, Step]:
    """Journal entry -> what the leader said about it."""
    query = select(Step).where(Step.thing_id.in_(step_ids), Step.move.in_((SIGN_OFF, SEND_BACK)))
    return {step.thing_id: step for step in db.session.scalars(query.order_by(Step.at, Step.id))}


def _unanswered() -> ColumnElement[bool]:
    answer = aliased(Step)
    return ~exists().where(answer.thing_id == Step.id, answer.move.in_((SIGN_OFF, SEND_BACK)))


def waiting(actor: Actor, lang: str = "zh") -> list[Entry]:
    """What the leader of the school has not signed off yet, the oldest first."""
    query = select(Step).where(Step.move == MAINTAIN, lists.inside(Step.path, actor), _unanswered())
    return _entries(query.order_by(Step.at, Step.id).limit(LISTED), lang, actor)


def waiting_count(actor: Actor) -> int:
    """How many entries the leader of the school has not signed off yet."""
    query = select(func.count()).select_from(Step).where(Step.move == MAINTAIN, lists.inside(Step.path, actor))
    return db.session.scalar(query.where(_unanswered())) or 0


def refused(actor: Actor, lang: str = "zh") -> list[Entry]:
    """What the leader sent back and nobody has changed since (G9)."""
    answer, later = aliased(Step), aliased(Step)
    query = select(Step).join(answer, (answer.thing_id == Step.id) & (answer.move == SEND_BACK))
    since = exists().where(later.thing_id == Step.thing_id, later.move == MAINTAIN, later.at > answer.at)
    query = query.where(Step.move == MAINTAIN, lists.inside(Step.path, actor), ~since)
    return _entries(query.order_by(answer.at.desc()).limit(LISTED), lang)


def sign_off(actor: Actor, step_ids: Sequence[UUID]) -> int:
    """Say that these changes are right, all or none; returns how many. Commits."""
    for step in _chosen(actor, step_ids):
        record(actor, step, SIGN_OFF, step.place_id)
    db.session.commit()
    return len(step_ids)


def send_back(actor: Actor, step_id: UUID, reason: str) -> None:
    """Say that a change is wrong, with the reason (R87): whoever enters corrects it (G9). Commits."""
    pending.require_reason(True, reason.strip())
    (step,) = _chosen(actor, [step_id])
    record(actor, step, SEND_BACK, step.place_id, reason=reason.strip())
    db.session.commit()


def _chosen(actor: Actor, step_ids: Sequence[UUID]) -> list[Step]:
    if not step_ids:
        raise Refusal(N_("请先勾选要核实的改动。"))
    query = select(Step).where(Step.id.in_(step_ids), Step.move == MAINTAIN, lists.inside(Step.path, actor))
    steps = list(db.session.scalars(query.order_by(Step.id).with_for_update()))
    if len(steps) != len(set(step_ids)):
        raise NotFound
    if any(step.by_id == actor.user_id for step in steps):
        raise NotYours(N_("里面有您自己改的，要由另一位领导核实。"))
    if _answers([step.id for step in steps]):
        raise TooLate(N_("里面有刚才已经核实过的。请看一眼新的再做。"))
    return steps
