"""A plan carried out: classes, pupils, their sheets and drafts, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, select

from portal.keys import random_id
from portal.models import Application, Place, Pupil, RosterImport, Round, Sheet, Step, db, keyring
from portal.rules.items import ROSTER_ITEMS
from portal.rules.normalise import normalise
from portal.rules.places import child_path
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import ledger, pupils, sheets
from portal.services.history import record
from portal.services.lists import classes_of
from portal.services.roster_plan import Fate, Line, Plan
from portal.services.roster_school import Known, pieces

REASON = N_("名册导入")


class Commit:
    """Carries out one import for a school. The caller commits."""

    def __init__(self, actor: Actor, row: RosterImport, school: Place, found: Round | None) -> None:
        self.actor, self.row, self.school, self.round = actor, row, school, found
        self.classes: dict[str, Place] = {}
        self.pupils: dict[UUID, Pupil] = {}

    def lock(self, plan: Plan) -> None:
        """Lock what will change in the order in which everybody locks it, who enters a value among them: sheets, then
        their pupils, each by id. Then the caller asks whether pupils are still what the plan knows of them."""
        wanted = [line.known.id for line in plan.of(Fate.CHANGED) if line.known]
        wanted += [line.taken_over for line in plan.of(Fate.NEW) if line.taken_over]
        self._lock_sheets(wanted)
        for ids in pieces(sorted(wanted)):
            query = select(Pupil).where(Pupil.id.in_(ids)).order_by(Pupil.id).with_for_update()
            self.pupils |= {pupil.id: pupil for pupil in db.session.scalars(query)}

    def _lock_sheets(self, pupil_ids: list[UUID]) -> None:
        if self.round is None:
            return
        found: list[UUID] = []
        for ids in pieces(pupil_ids):
            theirs = (Sheet.round_id == self.round.id, Sheet.pupil_id.in_(ids))
            found += db.session.scalars(select(Sheet.id).where(*theirs))
        for ids in pieces(sorted(found)):
            db.session.execute(select(Sheet.id).where(Sheet.id.in_(ids)).order_by(Sheet.id).with_for_update())

    def carry_out(self, plan: Plan, drafts: Iterable[Known]) -> None:
        """After `lock`: good rows become what they say; bad ones become drafts with their texts as they were (R80)."""
        joined = self._runs_already()
        self._make_classes(plan)
        self._drop_drafts(plan, drafts)
        for lines in pieces(plan.of(Fate.NEW)):
            self._let_go([thing for line in lines for thing in self._join(line)])
        changed = [(self.pupils[line.known.id], line) for line in plan.of(Fate.CHANGED) if line.known]
        for pupil, line in changed:
            self._change(pupil, line)
        for line in plan.of(Fate.BAD):
            self._keep_draft(line, plan.texts(line))
        db.session.flush()
        if self.round:
            _settle_sheets(self.round, [pupil for pupil, _ in changed], self.actor)
            sheets.expect(self.round, self.school.id, joined=joined, by=self.actor)

    def _runs_already(self) -> bool:
        """A school's first roster is the round's list; who comes later goes through the ledger (F5)."""
        if self.round is None:
            return False
        query = select(Sheet.id).where(Sheet.round_id == self.round.id, Sheet.school_id == self.school.id)
        return db.session.scalar(query.limit(1)) is not None

    def _make_classes(self, plan: Plan) -> None:
        self.classes = {place.code: place for place in classes_of(self.school.id)}
        for code, name in plan.renamed_classes.items():
            self.classes[code].name = name
        for code, name in plan.new_classes.items():
            path = child_path(self.school.path, code)
            made = Place(level=Level.CLASS, code=code, name=name, path=path, parent_id=self.school.id)
            db.session.add(made)
            record(self.actor, made, "MAKE_CLASS", self.school.id)
            self.classes[code] = made
        db.session.flush()

    def _drop_drafts(self, plan: Plan, drafts: Iterable[Known]) -> None:
        """Drafts of earlier imports whose pupil is in this file again."""
        numbers = {line.values["student_number"] for line in plan.lines} - {""}
        people = {_person(line.values) for line in plan.lines}
        again = [draft.id for draft in drafts if _number(draft.record) in numbers or _person(draft.record) in people]
        applied = select(Application.id).where(Application.pupil_id == Pupil.id).exists()  # those keep their history
        for ids in pieces(again):
            db.session.execute(delete(Pupil).where(Pupil.id.in_(ids), Pupil.is_draft, ~applied))

    def _let_go(self, things: list[Pupil | Step]) -> None:
        """Write them now and keep none in memory: a school may have 20,000."""
        db.session.flush()
        for thing in things:
            db.session.expunge(thing)

    def _join(self, line: Line) -> tuple[Pupil, Step]:
        class_ = self.classes[line.values["class_no"]]
        if line.taken_over is None:
            made = pupils.new_pupil(class_, line.values)
        else:
            made = self.pupils[line.taken_over]
            made.school_id, made.left_at = self.school.id, None
            _place(made, class_)
            pupils.keep_record(made, line.values)
        return made, record(self.actor, made, "IMPORT_NEW", self.school.id, roster=self.row.id.hex)

    def _change(self, pupil: Pupil, line: Line) -> None:
        _place(pupil, self.classes[line.values["class_no"]])
        pupils.keep_record(pupil, pupil.record | line.values)
        items = [item for item, _, _ in line.differences]
        record(self.actor, pupil, "IMPORT_CHANGE", self.school.id, roster=self.row.id.hex, items=items)

    def _keep_draft(self, line: Line, raw: dict[str, str]) -> None:
        """A draft takes no part in look-ups and duplicate checks, so its indexes are of nobody."""
        class_ = self.classes.get(line.values["class_no"], self.school)
        texts = {item: raw.get(item, "") for item in ROSTER_ITEMS}
        draft = Pupil(school_id=self.school.id, class_id=class_.id, path=class_.path, is_draft=True, record=texts)
        nobody = keyring().blind("pupil.draft", random_id().hex)
        draft.number_index = draft.person_index = draft.name_index = nobody
        db.session.add(draft)
        record(self.actor, draft, "IMPORT_DRAFT", self.school.id, roster=self.row.id.hex, row=line.number)


def _number(values: dict[str, str]) -> str:
    return normalise("student_number", values.get("student_number", ""), from_file=True)


def _person(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(normalise(item, values.get(item, ""), from_file=True) for item in ("name", "birth_date"))


def _place(pupil: Pupil, class_: Place) -> None:
    pupil.class_id, pupil.path = class_.id, class_.path


def _settle_sheets(found: Round, changed: list[Pupil], actor: Actor) -> None:
    """Sheets follow their pupils into another class; a status can take them out of the round or back into it (F1)."""
    by_id = {pupil.id: pupil for pupil in changed}
    for ids in pieces(by_id):
        for sheet in db.session.scalars(select(Sheet).where(Sheet.round_id == found.id, Sheet.pupil_id.in_(ids))):
            pupil = by_id[sheet.pupil_id]
            if sheet.class_id != pupil.class_id:
                ledger.follow(sheet, pupil)
            ledger.rescope(found, sheet, pupil, actor, REASON)
    db.session.flush()
