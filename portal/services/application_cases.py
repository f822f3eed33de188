"""One application as a reviewer reads it: who, what is to change, why, the documents, its way so far (H3-H5, R105).

Names and numbers are masked but for what differs; in full only after a click that is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Application, Change, Decision, Step, db
from portal.rules.applications import REFUSED, ApplicationKind, ApplicationMove, ApplicationState, Side
from portal.rules.checks_identity import RESIDENT_ID
from portal.rules.codes import printed
from portal.rules.inputs import shown_date
from portal.rules.items import ITEMS, Item
from portal.rules.masks import is_veiled, mask_id, mask_name, mask_pair
from portal.rules.nearest import Candidate, nearest
from portal.rules.problems import Problem
from portal.rules.roles import Actor
from portal.services import (
    application_checks,
    application_evidence,
    applications,
    history,
    lists,
    photos,
    reviewing,
    viewing,
)
from portal.services.application_evidence import File
from portal.services.refusals import NotFound

_ID = "id_number"


@dataclass(frozen=True)
class CaseLine:
    """One item: old and new in words. `crop`: the change of the sheet with its handwriting; `hidden`: a part of old
    and new is masked; `veiled`: so much of it that one cannot tell what differs."""

    item: Item
    old: str
    new: str
    crop: UUID | None
    hidden: bool
    veiled: bool = False


@dataclass(frozen=True)
class Previous:
    """The application that was refused before this one."""

    application_id: UUID
    reason: str
    at: datetime | None


@dataclass(frozen=True)
class Link:
    """One part of the way: whose turn it was or is; `at` when it was done, none for what is still to come."""

    side: Side
    place: str
    at: datetime | None


@dataclass(frozen=True)
class Case:
    """See the module. `problems` and `is_taken` are as the record stands now; `near` are correct numbers next to one
    that fails; `may_decide`: it waits for this reader; `own`: this reader had a hand in it (R88)."""

    application: Application
    kind: ApplicationKind
    state: ApplicationState
    name: str
    class_name: str
    school: str
    student_number: str
    id_kind: str
    lines: tuple[CaseLine, ...]
    full: bool
    files: tuple[File, ...]
    way: tuple[Link, ...]
    steps: tuple[tuple[Step, str], ...]
    problems: tuple[Problem, ...]
    is_taken: bool
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    near: tuple[Candidate, ...]
    near_to: str
    previous: Previous | None
    pending: Decision | None
    may_decide: bool
    own: bool


def find(actor: Actor, application_id: UUID) -> Application:
    """An application that this reader may see: of the own place; drafts only in the school; a verification account of
    an authority sees those of its own place (R102). Raises `NotFound`."""
    found = lists.find(actor, Application, application_id)
    if not application_evidence.may_see(actor, found):
        raise NotFound
    return found


def case_of(actor: Actor, application_id: UUID, lang: str = "zh", full: bool = False) -> Case:
    """The case; raises `NotFound` for what this reader may not see."""
    found = find(actor, application_id)
    pupil, kind = found.pupil, ApplicationKind(found.kind)
    record, waits = pupil.record, found.state in (ApplicationState.WITH_LEADER, ApplicationState.WITH_AUTHORITY)
    changes = waits and kind == ApplicationKind.CHANGE
    own = actor.user_id in reviewing.own_hands(found)
    steps = tuple(history.steps_of(found.id))
    near_to, near = near_of(found)
    return Case(
        application=found,
        kind=kind,
        state=ApplicationState(found.state),
        name=record["name"] if full else mask_name(record["name"]),
        class_name=pupil.class_.name,
        school=found.school.name,
        student_number=_masked(record.get("student_number", ""), full),
        id_kind=printed("id_doc_type", record.get("id_doc_type", ""), lang),
        lines=tuple(lines_of(found, lang, full, _crops(found))),
        full=full,
        files=tuple(application_evidence.files_of(found)),
        way=tuple(_way(found, steps)),
        steps=steps,
        problems=tuple(application_checks.problems_of(found)) if changes else (),
        is_taken=changes and application_checks.is_taken(found),
        missing=tuple(application_checks.missing_evidence(found)) if waits else (),
        near=near,
        near_to=near_to,
        previous=_previous(found),
        pending=applications.decision_on(found),
        may_decide=waits and not own and reviewing.is_reviewer(actor, found),
        own=waits and own and reviewing.is_reviewer(actor, found),
    )


def show_in_full(actor: Actor, application_id: UUID, lang: str = "zh") -> Case:
    """The case with names and numbers in full; who looked is written down. Commits."""
    found = find(actor, application_id)
    viewing.show(actor, found, "SEE_APPLICATION_IN_FULL", found.school_id)
    return case_of(actor, application_id, lang, full=True)


def _masked(number: str, full: bool) -> str:
    return number if full else mask_id(number)


def lines_of(found: Application, lang: str, full: bool, crops: dict[str, UUID]) -> list[CaseLine]:
    """Old and new of each item in the registry's order, in words."""
    values = found.values or {}
    return [
        _line(ITEMS[code], values[code]["old"], values[code]["new"], lang, full, crops.get(code))
        for code in ITEMS
        if code in values
    ]


def _line(item: Item, old: str, new: str, lang: str, full: bool, crop: UUID | None) -> CaseLine:
    masked = item.type in ("id_number", "student_number19") or item.code.endswith("name") or item.code == "name"
    if masked and not full:
        shown = mask_pair(old, new, is_name=item.type not in ("id_number", "student_number19"))
        return CaseLine(item, *shown, crop, hidden=shown != (old, new), veiled=is_veiled(old, new))
    return CaseLine(item, _words(item, old, lang), _words(item, new, lang), crop, hidden=False)


def _words(item: Item, value: str, lang: str) -> str:
    return shown_date(item, value, lang) or printed(item.code, value, lang)


def _crops(found: Application) -> dict[str, UUID]:
    """Item -> the change of the sheet that has a picture of the handwriting."""
    query = select(Change.item, Change.id).where(Change.application_id == found.id, Change.crop_address.is_not(None))
    return {item: change_id for item, change_id in db.session.execute(query)}


def near_of(found: Application) -> tuple[str, tuple[Candidate, ...]]:
    """(the ID number of an application, new or old, that cannot be one; correct numbers next to it)."""
    values, record = found.values or {}, found.pupil.record
    then = record | {item: both["new"] for item, both in values.items()}
    if then.get("id_doc_type") != RESIDENT_ID:
        return "", ()
    number = values.get(_ID, {"old": record.get(_ID, ""), "new": ""})
    for one in (number["new"], number["old"]):
        if one and (near := nearest(one, then.get("birth_date", ""), then.get("sex", ""))):
            return one, tuple(near)
    return "", ()


def _previous(found: Application) -> Previous | None:
    old = db.session.get(Application, found.previous_id) if found.previous_id else None
    if old is None or old.state not in REFUSED:
        return None
    side = "leader" if old.state == ApplicationState.REFUSED_BY_LEADER else "authority"
    return Previous(old.id, (old.opinion or {}).get(side, ""), old.decided_at)


def _way(found: Application, steps: Sequence[tuple[Step, str]]) -> list[Link]:
    """School, leader and authority, each with the day on which it was done with the application the last time."""
    done = {step.move: step.at for step, _ in steps}
    refused = {step.before: step.at for step, _ in steps if step.move == ApplicationMove.REFUSE}
    sent = None if found.state == ApplicationState.DRAFTED else done.get(ApplicationMove.SEND)
    with_leader = found.state in (ApplicationState.DRAFTED, ApplicationState.WITH_LEADER)
    passed = done.get(ApplicationMove.PASS) or refused.get(ApplicationState.WITH_LEADER)
    links = [Link(Side.SCHOOL, found.school.name, sent), Link(Side.LEADER, "", None if with_leader else passed)]
    if found.authority is not None and found.state != ApplicationState.REFUSED_BY_LEADER:
        decided = done.get(ApplicationMove.GRANT) or refused.get(ApplicationState.WITH_AUTHORITY)
        links.append(Link(Side.AUTHORITY, found.authority.name, decided))
    return links


def crop(actor: Actor, change_id: UUID) -> bytes:
    """The handwriting of one item of an application as JPEG; raises `NotFound` for everything else."""
    change = lists.find(actor, Change, change_id)
    if change.application_id is None or change.crop_address is None:
        raise NotFound
    find(actor, change.application_id)
    return photos.content_of(change.crop_address, change.school_id, change.round_id)
