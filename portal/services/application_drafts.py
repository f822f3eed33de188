"""Drafts of key-data changes: made from a sheet or by hand, old and new of each item, items put in, left out (H1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Application, Change, Pupil, Sheet, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.items import ITEMS, KEY_DATA, PARENT_ITEMS, Item
from portal.rules.problems import Problem
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import application_checks, application_sheets, applications, entry_lines, lists, place_settings
from portal.services.refusals import NotFound, Refusal, TooLate


@dataclass(frozen=True)
class Line:
    """One item of an application. `change` is where it stands on the family's sheet, if it does; `typed` what the
    family typed there, in words; `needs` the kinds of evidence any one of which will do, `missing` when none is
    there."""

    item: Item
    old: str
    new: str
    change: Change | None
    typed: str
    needs: tuple[str, ...]
    missing: bool
    problems: tuple[Problem, ...]

    @property
    def is_filled(self) -> bool:
        """True once a new value is there."""
        return self.old != self.new


def items_of(path: str) -> list[Item]:
    """What can be applied for at a place: the key data and what is under control (G8), in the paper's order."""
    controlled = place_settings.controlled_items(path)
    return [ITEMS[code] for code in PARENT_ITEMS if code in KEY_DATA or code in controlled]


def pupil_of(actor: Actor, pupil_id: UUID) -> Pupil:
    """A pupil of the actor's school to apply for; raises `NotFound` for every other id."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    return lists.find(actor, Pupil, pupil_id)


def by_hand(actor: Actor, pupil_id: UUID, items: Collection[str]) -> Application:
    """A draft about a pupil of the actor's school with these items, still without new values. Commits; raises as
    `applications.make`, and `Refusal` without an item."""
    pupil = pupil_of(actor, pupil_id)
    wanted = [item.code for item in items_of(pupil.path) if item.code in items]
    if not wanted:
        raise Refusal(N_("请先勾选要改的项目。"))
    values = {item: pupil.record.get(item, "") for item in wanted}
    return applications.make(actor, pupil.id, ApplicationKind.CHANGE, values, keep=wanted)


def from_sheet(actor: Actor, sheet_id: UUID) -> Application:
    """One draft with all key data and controlled items of a sheet that wait for an application, prefilled with what the
    family typed. A draft that is there already takes them in. Commits; raises `TooLate` when nothing waits or another
    application is on its way."""
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    if actor.level != Level.SCHOOL:
        raise NotFound
    found = put_in(actor, sheet)
    if found is None:
        raise TooLate(N_("这张表上没有等着提申请的项目。"))
    db.session.commit()
    return found


def can_put_in(pupil_id: UUID) -> bool:
    """True unless an application that is no draft any more keeps other business off the pupil's record (H7)."""
    found = applications.blocking(pupil_id)
    return found is None or (found.kind == ApplicationKind.CHANGE and found.state == ApplicationState.DRAFTED)


def put_in(actor: Actor, sheet: Sheet) -> Application | None:
    """`from_sheet` for a caller who has locked the sheet and commits; None when nothing waits."""
    changes = application_sheets.waiting_changes(sheet)
    if not changes:
        return None
    values = _values(sheet, {change.item for change in changes})
    found = _draft_of(sheet.pupil_id)
    if found is None:
        facts: dict[str, Any] = {"origin": "sheet", "sheet_id": sheet.id, "keep": list(values)}
        found = applications.new(actor, sheet.pupil_id, ApplicationKind.CHANGE, values, **facts)
    else:
        applications.add_to(actor, found, values)
        found.sheet_id = found.sheet_id or sheet.id
    application_sheets.bind(found, changes)
    for change in changes:
        if change.outcome != "applied_for":
            application_sheets.mark(actor, change)
    return found


def _draft_of(pupil_id: UUID) -> Application | None:
    """The draft of a key-data change that is there for a pupil, locked."""
    open_ = (Application.state == ApplicationState.DRAFTED, Application.kind == ApplicationKind.CHANGE)
    query = select(Application).where(Application.pupil_id == pupil_id, *open_).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def _values(sheet: Sheet, items: set[str]) -> dict[str, str]:
    """Item -> what the family typed or ticked, else what is on record: that is then to be read from the paper."""
    known = sheet.pupil.record
    lines = {line.item.code: line for line in entry_lines.lines_of(sheet) if line.item.code in items}
    return {code: line.typed if line.typed or line.cleared else known.get(code, "") for code, line in lines.items()}


def leave_out(actor: Actor, application_id: UUID, version: int, item: str) -> Application:
    """Take one item out of a draft; on its sheet it is open again. Commits."""
    application_sheets.lock_of(application_id)
    found = applications.own_draft(actor, application_id, version)
    if item not in found.items:
        raise NotFound
    if len(found.items) == 1:
        raise Refusal(N_("只剩这一项了。不办了就撤回申请。"))
    applications.leave_out(actor, found, item)
    application_sheets.release(found, frozenset({item}))
    db.session.commit()
    return found


def lines_of(found: Application, lang: str = "zh") -> list[Line]:
    """The items of an application in the paper's order, with what is wrong with each."""
    needed = dict(application_checks.wanted_evidence(found))
    missing = dict(application_checks.missing_evidence(found))
    problems = _problems(found)
    changes = {one.item: one for one in db.session.scalars(select(Change).where(Change.application_id == found.id))}
    typed = _typed(changes, lang)
    values = found.values or {}
    return [
        Line(
            ITEMS[code], values[code]["old"], values[code]["new"], changes.get(code), typed.get(code, ""),
            needed.get(code, ()), code in missing, tuple(problems.get(code, ())),
        )
        for code in ITEMS
        if code in values
    ]  # fmt: skip


def _typed(changes: Mapping[str, Change], lang: str) -> dict[str, str]:
    sheets = {change.sheet_id: change.sheet for change in changes.values()}
    lines = [line for sheet in sheets.values() for line in entry_lines.lines_of(sheet, lang)]
    return {line.item.code: line.by_family for line in lines if line.item.code in changes}


def _problems(found: Application) -> dict[str, list[Problem]]:
    """What is wrong with the new values of a draft, by item; what lies at an item that is not asked for stands at the
    first one that is."""
    if found.state != ApplicationState.DRAFTED or found.kind != ApplicationKind.CHANGE:
        return {}
    filled = [item for item, both in found.values.items() if both["old"] != both["new"]]
    told: dict[str, list[Problem]] = {}
    for problem in application_checks.problems_of(found) if filled else []:
        at = problem.item if problem.item in found.values else filled[0]
        told.setdefault(at or filled[0], []).append(problem)
    return told
