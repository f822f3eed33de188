"""Many acts at random, one after the other: whatever was done, the figures are those of the sheets (F5, R108)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from portal.models import DayFigure, Decision, Guardianship, Leaf, Photo, Place, Pupil, RegistrationCode, Sheet, db
from portal.rules import consent
from portal.rules.clock import now, today
from portal.rules.figures import Measure, measures_of
from portal.rules.movements import KINDS
from portal.rules.roles import Actor, Role
from portal.rules.workflow import NEEDS_REASON, NotAllowedNow, SheetMove, SheetState
from portal.services import (
    accounts,
    archiving,
    checking,
    claims,
    decisions,
    entry,
    family_help,
    figure_tree,
    figures,
    guardians,
    leading,
    ledger,
    movements,
    piles,
    printed_codes,
    quarantine,
    readings,
    returned,
    sheets,
    unchanged,
)
from portal.services.claims import Claim
from portal.services.movements import Movement
from portal.services.refusals import Refusal
from tests.make import PASSWORD, Make
from tests.photographs import arrive, jpeg, leaf_of, seen
from tests.press import unlock

STEPS, LOOKS = 192, 16
#: what brings sheets to the end is done more often than what brings them back
_ONWARDS = ["do_photo", *["do_check", "do_decide", "do_carry_out", "do_enter"] * 2]
_DAYS = [today() - timedelta(days=n) for n in (0, 10, 60)]


class Walk:
    """A school of two classes and an act at a time; what is not possible now is refused and changes nothing."""

    def __init__(self, make: Make, seed: int) -> None:
        self.random = random.Random(seed)
        self.round = make.round(cut_off=today() - timedelta(days=30))
        self.classes = [make.class_(), make.class_(code="2020107", name="六年级（7）班")]
        self.leaders = [make.actor(Role.LEADER, make.school()) for _ in range(2)]
        self.registrar = make.actor(Role.REGISTRAR, make.school())
        self.operator = make.actor(Role.OPERATOR, make.school())
        unlock(make, make.school().id, self.operator.user_id)
        self.teachers = [make.actor(Role.TEACHER, class_) for class_ in self.classes]
        self.make, self.pile = make, piles.open_pile(self.registrar).id
        self.families = [self._family() for _ in range(2)]
        for n in range(6):
            make.pupil(self.classes[n % 2])
        sheets.expect(self.round, make.school().id)
        db.session.commit()
        self.leaves, self.codes = {}, {}
        for nth, sheet in enumerate(self.all(Sheet)):
            self.leaves[sheet.id] = leaf_of(sheet).number
            self.codes[sheet.id] = printed_codes.make_code(sheet).id
            for what in (SheetMove.PRINT, SheetMove.ISSUE)[:nth]:
                sheets.move(self.registrar, sheet, what)
        db.session.commit()
        self.done: list[str] = []

    def _family(self) -> Actor:
        """An account that speaks for a child of no sheet here, so that it outlives the children of the walk."""
        elsewhere = self.make.class_(self.make.school("2199000002", "试验市第二小学"), "2020101", "六年级（1）班")
        phone = f"154{self.make.next():08d}"
        self.make.guardian(self.make.pupil(elsewhere), phone)
        found = accounts.actor_of(accounts.sign_in(phone, PASSWORD))
        assert found is not None
        return found

    def all(self, model):
        return list(db.session.scalars(select(model).order_by(model.id)))

    def sheet(self, *states: SheetState) -> Sheet:
        """Any sheet, mostly one in a state in which the act is likely to be possible."""
        found = self.all(Sheet)
        likely = [one for one in found if one.state in states and one.in_scope]
        return self.random.choice(likely if likely and self.random.random() < 0.8 else found)

    def act(self) -> None:
        names = [name for name in dir(self) if name.startswith("do_")]
        name = self.random.choice([*names, *_ONWARDS])
        try:
            getattr(self, name)()
            db.session.commit()
            self.done.append(name)
        except (Refusal, NotAllowedNow):
            db.session.rollback()

    def do_print(self) -> None:
        sheets.move(self.registrar, self.sheet(SheetState.EXPECTED), SheetMove.PRINT)

    def do_issue(self) -> None:
        sheets.move(self.registrar, self.sheet(SheetState.PRINTED), SheetMove.ISSUE)

    def do_photo(self) -> None:
        sheet = self.sheet(SheetState.ISSUED)
        if not sheet.issued:
            return
        leaf = self._leaf(sheet)
        facts = {"verdict": "retake", "reasons": ("blur",)} if self.random.random() < 0.3 else {}
        written = self.random.choice([(), (), ("phone",), ("phone", "current_address")])
        arrive(sheet, leaf, written=written, signed=self.random.random() < 0.8, **facts)

    def _leaf(self, sheet: Sheet) -> Leaf:
        return db.session.get_one(Leaf, self.leaves[sheet.id])

    def do_pile_photo(self) -> None:
        photo = piles.add(self.registrar, self.pile, jpeg())
        readings.keep(photo, seen(self._leaf(self.sheet()), signed=True, written=self.random.choice([(), ("phone",)])))

    def do_nameless_photo(self) -> None:
        photo = piles.add(self.registrar, self.pile, jpeg())
        readings.keep(photo, seen(None, verdict="unknown", certain=False, reasons=("few_marks",), flat=True))

    def _photo(self, *conditions) -> Photo | None:
        found = list(db.session.scalars(select(Photo).where(*conditions).order_by(Photo.id)))
        return self.random.choice(found) if found else None

    def do_assign(self) -> None:
        photo = self._photo(Photo.outcome == "unknown")
        if photo is not None:
            quarantine.assign(self.registrar, photo.id, self.sheet().id)

    def do_undo_assign(self) -> None:
        photo = self._photo(Photo.assigned_by_id.is_not(None))
        if photo is not None:
            assert photo.sheet_id is not None
            quarantine.undo(self.registrar, photo.id, photo.sheet_id)

    def do_tick(self) -> None:
        sheet = self.sheet()
        back = [sheet.id] if self.random.random() < 0.6 else []
        returned.tick(self.registrar, sheet.class_id, [sheet.id], back)

    def do_cause(self) -> None:
        sheets.set_cause(self.registrar, self.sheet(), self.random.choice([None, "away", "lost"]))

    def _teacher(self, sheet: Sheet) -> Actor:
        return self.teachers[[class_.id for class_ in self.classes].index(sheet.class_id)]

    def do_check(self) -> None:
        sheet = self.sheet(SheetState.RECEIVED)
        eyes = checking.Eyes(signed=True, changed=self.random.random() < 0.5)
        checking.check(self._teacher(sheet), sheet.id, sheet.version, eyes)

    def do_undo_check(self) -> None:
        sheet = self.sheet(SheetState.CHECKED)
        checking.undo_check(self._teacher(sheet), sheet.id)

    def do_sample(self) -> None:
        n = self.random.randrange(2)
        found = unchanged.page_of(self.teachers[n], self.classes[n].id)
        answers = {one.sheet_id: self.random.random() < 0.3 for one in found.drawn}
        shown = {one.sheet_id: one.version for one in found.plain}
        unchanged.confirm(self.teachers[n], self.classes[n].id, shown, answers)

    def do_send_back(self) -> None:
        sheet = self.sheet(SheetState.RECEIVED, SheetState.CHECKED)
        checking.send_back(self._teacher(sheet), sheet.id, sheet.version, "请补签。")

    def do_decide(self) -> None:
        sheet = self.sheet(SheetState.CHECKED, SheetState.ENTERED, SheetState.ENTERED)
        what = leading.agreement_of(sheet) if self.random.random() < 0.8 else leading.refusal_of(sheet)
        reason = "请再看。" if what in NEEDS_REASON else ""
        decisions.decide(self.random.choice(self.leaders), {sheet.id: sheet.version}, what, reason)

    def do_undecide(self) -> None:
        decisions.undo(self.random.choice(self.leaders), [self.sheet().id])

    def do_carry_out(self) -> None:
        db.session.execute(update(Decision).values(due_at=now()))
        decisions.carry_out_due()

    def do_enter(self) -> None:
        """Like an operator who has an answer for every item."""
        sheet = self.sheet(SheetState.PASSED)
        for change in sheet.changes:
            if change.outcome == "open":
                entry.refuse_value(self.operator, change.id, "没有证明。")
        entry.finish(self.operator, sheet.id)

    def do_archive(self) -> None:
        ready = [row.class_id for row in archiving.archive_of(self.registrar).classes if row.may_file]
        archiving.archive(self.registrar, ready)

    def _version(self, pupil_id: UUID) -> int:
        return movements.pupil(self.registrar, pupil_id).version

    def do_movement(self) -> None:
        pupil = self.sheet().pupil
        kind, class_id = self.random.choice(list(KINDS)), self.random.choice(self.classes).id
        what = Movement(kind, self.random.choice(_DAYS), class_id)
        movements.record_movement(self.registrar, pupil.id, what, self._version(pupil.id))

    def do_class_move(self) -> None:
        pupil = self.sheet().pupil
        what = Movement("29", today(), next(c.id for c in self.classes if c.id != pupil.class_id))
        movements.record_movement(self.registrar, pupil.id, what)

    def do_take_back(self) -> None:
        movements.take_back(self.registrar, self.sheet().pupil_id)

    def do_claim(self) -> None:
        sheet, family = self.sheet(), self.random.choice(self.families)
        row = db.session.get_one(RegistrationCode, self.codes[sheet.id])
        answer = sheet.pupil.record["id_number"][-4:]
        claims.claim(row.selector, Claim(answer, "52", consent.VERSION, "zh"), family)

    def _guardianship(self) -> Guardianship:
        found = [one for one in self.all(Guardianship) if one.school_id == self.make.school().id]
        found = [one for one in found if one.state in guardians.LIVE]
        if not found:
            raise Refusal("")
        return self.random.choice(found)

    def do_answer_guardian(self) -> None:
        one = self._guardianship()
        family_help.decide(self.registrar, one.id, self.random.random() < 0.6, "不认识。")

    def do_end_claim(self) -> None:
        one = self._guardianship()
        family = next(family for family in self.families if family.user_id == one.user_id)
        guardians.leave(family, one.id)

    def look(self) -> None:
        """Folded counts are the sheets'; sums of days, schools and areas too; the ledger adds up everywhere."""
        assert figures.recount(self.round.id) == [], self.done
        school = self.make.school()
        found: list[Place] = [*self.classes, school, self.make.county(), self.make.province()]
        listed = self.all(Sheet)
        for place in found:
            here = [measures_of(sheet) for sheet in listed if sheet.path.startswith(place.path)]
            true = {measure: sum(measure in one for one in here) for measure in Measure}
            assert figures.counts_below(self.round.id, place.path) == true, (place.level, self.done)
            told = ledger.ledger_of(self.make_province_actor(place), place.id)
            assert told.roster + told.joined - told.left == told.expected == true[Measure.EXPECTED], self.done
        for row in figure_tree.tree(self.registrar, self.round, {school.code}):
            path = db.session.get_one(Place, row.place_id).path
            assert row.counts == figures.counts_below(self.round.id, path), (row.level, self.done)
        for measure in figures.DAYS_OF_SCHOOLS:
            days = select(func.sum(DayFigure.n)).where(DayFigure.place_id == school.id, DayFigure.measure == measure)
            assert (db.session.scalar(days) or 0) == figures.counts_below(self.round.id, school.path)[measure]
        for sheet in listed:
            self._look_at(sheet)

    def make_province_actor(self, place: Place) -> Actor:
        """Whoever sees the place: the registrar, else somebody of the authority."""
        if place.path.startswith(self.registrar.path):
            return self.registrar
        return Actor(None, None, Role.REGISTRAR, place.level, place.id, place.path, "", place.name)

    def _look_at(self, sheet: Sheet) -> None:
        live = select(Guardianship).where(Guardianship.pupil_id == sheet.pupil_id, Guardianship.state == "active")
        assert sheet.registered == (db.session.scalar(live.limit(1)) is not None), self.done
        photos_ = [one for one in sheet.photos if one.outcome in readings.COUNTS]
        assert sheet.received == bool(photos_), self.done
        assert sheet.photo_id in {None, *(one.id for one in photos_)}, self.done
        pupil = db.session.get_one(Pupil, sheet.pupil_id)
        assert (sheet.class_id, sheet.path) == (pupil.class_id, pupil.path), self.done
        assert {one.path for one in (*sheet.photos, *sheet.changes)} <= {sheet.path}, self.done
        assert sheet.in_scope == (sheet.exclusion is None), self.done
        assert sheet.in_scope <= (pupil.left_at is None), self.done


@pytest.fixture
def walk(make: Make) -> Callable[[int], Walk]:
    return lambda seed: Walk(make, seed)


@pytest.mark.parametrize("seed", [20])
def test_figures_and_ledger_hold_after_every_act(walk: Callable[[int], Walk], seed: int) -> None:
    going = walk(seed)
    for _ in range(STEPS // LOOKS):
        for _ in range(LOOKS):
            going.act()
        going.look()
