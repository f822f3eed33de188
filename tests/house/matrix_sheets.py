"""A sheet in every state, every way in which somebody moves one, and what each way may do.

The table is written from domain 2.2, D6, G1-G9, X10, X30, X34 and architecture 4; nothing of it comes from the code.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from portal.models import Decision, Leaf, Photo, Pile, Place, PrintRun, Reading, Sheet, Step, Switch, User, db
from portal.models.people import Post
from portal.rules.roles import Actor, Role
from portal.rules.workflow import NotAllowedNow, SheetMove, SheetState
from portal.services import (
    accounts,
    archiving,
    checking,
    classes,
    decisions,
    entry,
    finishing,
    print_runs,
    printing,
    quarantine,
    unchanged,
)
from portal.services.checking import Eyes
from portal.services.print_content import Selection
from portal.services.readings import new_change
from portal.services.refusals import Refusal
from tests.house.matrix_world import HOME, People, no_trace
from tests.make import Make
from tests.press import unlock

STATES = ("EXPECTED", "PRINTED", "ISSUED", "RECEIVED", "CHECKED", "PASSED", "ENTERED", "VERIFIED", "ARCHIVED")
MOVES = (
    "PRINT",
    "ISSUE",
    "RECEIVE",
    "CHECK",
    "PASS",
    "ENTER",
    "VERIFY",
    "TAKE_BACK",
    "SEND_BACK",
    "RETURN_TO_CHECKED",
    "UNDO_CHECK",
    "ARCHIVE",
)
#: who: role and whether of the sheet's class or of its school
TEACHER, REGISTRAR, LEADER, OPERATOR = ("TEACHER", "class"), ("REGISTRAR", HOME), ("LEADER", HOME), ("OPERATOR", HOME)
_SAME = ("RECEIVED", "CHECKED", "PASSED", "ENTERED")


@dataclass(frozen=True)
class Case:
    """A sheet in one state, alone in its class, with what it had on its way: leaf, run, photo, page in quarantine."""

    sheet_id: UUID
    version: int
    class_id: UUID
    run_id: UUID
    photo_id: UUID
    page_id: UUID

    @property
    def sheet(self) -> Sheet:
        return db.session.get_one(Sheet, self.sheet_id)


@dataclass(frozen=True)
class Way:
    """One way to move a sheet: the route that offers it, the act behind it, who may, and state before -> after."""

    move: str
    endpoint: str
    act: Callable[[Actor, Case], object]
    who: tuple[tuple[str, str], ...]
    states: dict[str, str]


def _print(actor: Actor, case: Case) -> None:
    printing.print_now(actor, Selection(sheet_ids=(case.sheet_id,)), io.BytesIO())


def _tick(returned: bool) -> Callable[[Actor, Case], None]:
    def act(actor: Actor, case: Case) -> None:
        case.sheet.returned = not returned
        classes.tick(actor, case.sheet_id, returned)

    return act


def _assign(actor: Actor, case: Case) -> None:
    quarantine.assign(actor, case.page_id, case.sheet_id)


def _recognise(actor: Actor, case: Case) -> None:
    page = db.session.get_one(Photo, case.page_id)
    page.sheet_id, page.path = case.sheet_id, case.sheet.path
    checking.recognise(actor, case.page_id, True)


def _check(actor: Actor, case: Case) -> None:
    checking.check(actor, case.sheet_id, case.version, Eyes(signed=True, changed=False))


def _read(case: Case) -> Sheet:
    """The sheet as a photo would leave it on which the machine saw a signature and nothing written."""
    sheet = case.sheet
    sheet.photo_id, sheet.received, sheet.readable, sheet.signed, sheet.written = case.photo_id, True, True, True, 0
    db.session.flush()
    return sheet


def _together(actor: Actor, case: Case) -> None:
    sheet = _read(case)
    unchanged.confirm(actor, case.class_id, {sheet.id: sheet.version}, {sheet.id: False})


def _send_back(actor: Actor, case: Case) -> None:
    checking.send_back(actor, case.sheet_id, case.version, "请补签名")


def _hand_on(actor: Actor, case: Case) -> None:
    _read(case)
    finishing.hand_on(actor, case.class_id)


def _unclear(actor: Actor, case: Case) -> None:
    new_change(case.sheet, "phone").outcome = "unclear"
    db.session.flush()
    entry.finish(actor, case.sheet_id)


def _decide(what: SheetMove) -> Callable[[Actor, Case], None]:
    def act(actor: Actor, case: Case) -> None:
        decisions.decide(actor, {case.sheet_id: case.version}, what, "和户口簿对不上")
        decision = db.session.query(Decision).filter_by(thing_id=case.sheet_id).one()
        assert decisions._settle(decisions._TAKES_EFFECT["sheet"], decision.id, case.sheet_id)
        # what may not happen is refused at once, not ten minutes later
        assert not decision.lapsed, decision.lapsed

    return act


WAYS = {
    "print": Way(
        "PRINT",
        "staff.print_start",
        _print,
        (REGISTRAR,),
        {"EXPECTED": "PRINTED"} | {state: state for state in STATES[1:7]},  # again: the leaf changes, never the state
    ),
    "hand out": Way(
        "ISSUE",
        "staff.hand_out",
        lambda actor, case: print_runs.hand_out_classes(actor, [case.class_id]),
        (REGISTRAR,),
        {"PRINTED": "ISSUED"},
    ),
    "hand out a run": Way(
        "ISSUE",
        "staff.hand_out",
        lambda actor, case: print_runs.hand_out_run(actor, case.run_id),
        (REGISTRAR,),
        {"PRINTED": "ISSUED"},
    ),
    "tick the paper in": Way("RECEIVE", "teachers.tick", _tick(True), (TEACHER, REGISTRAR), {"ISSUED": "RECEIVED"}),
    "untick the paper": Way("TAKE_BACK", "teachers.tick", _tick(False), (TEACHER, REGISTRAR), {"RECEIVED": "ISSUED"}),
    "say whose page it is": Way(
        "RECEIVE",
        "teachers.assign",
        _assign,
        (TEACHER, REGISTRAR),
        {"ISSUED": "RECEIVED"} | {state: state for state in _SAME},
    ),
    "say that it is this page": Way(
        "RECEIVE",
        "teachers.recognise",
        _recognise,
        (TEACHER,),
        {"ISSUED": "RECEIVED"} | {state: state for state in _SAME},
    ),
    "check": Way("CHECK", "teachers.check", _check, (TEACHER,), {"RECEIVED": "CHECKED"}),
    "check together": Way("CHECK", "teachers.confirm_unchanged", _together, (TEACHER,), {"RECEIVED": "CHECKED"}),
    "take the check back": Way(
        "UNDO_CHECK",
        "teachers.undo_check",
        lambda actor, case: checking.undo_check(actor, case.sheet_id),
        (TEACHER,),
        {"CHECKED": "RECEIVED"},
    ),
    "back to the family": Way(
        "SEND_BACK",
        "teachers.send_back",
        _send_back,
        (TEACHER,),
        {"RECEIVED": "ISSUED", "CHECKED": "ISSUED", "PASSED": "ISSUED"},  # asked again before anything is typed (G2)
    ),
    "pass": Way("PASS", "staff.queue_pass", _decide(SheetMove.PASS), (LEADER,), {"CHECKED": "PASSED"}),
    "refuse before entry": Way(
        "SEND_BACK",
        "staff.queue_decide",
        _decide(SheetMove.SEND_BACK),
        (LEADER,),
        {"RECEIVED": "ISSUED", "CHECKED": "ISSUED", "PASSED": "ISSUED"},
    ),
    "enter": Way(
        "ENTER",
        "staff.entry_finish",
        lambda actor, case: entry.finish(actor, case.sheet_id),
        (OPERATOR, REGISTRAR),
        {"PASSED": "ENTERED"},
    ),
    "hand on what is entered": Way(
        "ENTER", "staff.columns_finish", _hand_on, (OPERATOR, REGISTRAR), {"PASSED": "ENTERED"}
    ),
    "back because unclear": Way(
        "SEND_BACK", "staff.entry_finish", _unclear, (OPERATOR, REGISTRAR), {"PASSED": "ISSUED"}
    ),
    "refuse after entry": Way(
        "RETURN_TO_CHECKED",
        "staff.queue_decide",
        _decide(SheetMove.RETURN_TO_CHECKED),
        (LEADER,),
        {"ENTERED": "CHECKED"},
    ),
    "sign off": Way("VERIFY", "staff.queue_verify", _decide(SheetMove.VERIFY), (LEADER,), {"ENTERED": "VERIFIED"}),
    "file": Way(
        "ARCHIVE",
        "staff.archive_classes",
        lambda actor, case: archiving.archive(actor, [case.class_id]),
        (REGISTRAR,),
        {"VERIFIED": "ARCHIVED"},
    ),
}


class Cases:
    """A sheet in each state, and everybody of its class."""

    def __init__(self, make: Make, people: People) -> None:
        self.make, self.people = make, people
        for switch in Switch:
            make.window(people.places["province"], switch)
        clerk = people.everybody[(Role.REGISTRAR, HOME)]
        accounts.begin(db.session.get_one(User, clerk.user_id), _post_of(clerk))
        for name in ("school", "school of the same county", "school of the next county"):
            unlock(make, people.places[name].id, clerk.user_id)
        self.of: dict[str, Case] = {}
        self._classes: list[Place] = []
        self.own: dict[str, dict[tuple[Role, str], Actor]] = {}
        for state in STATES:
            self.add(state)

    def add(self, state: str) -> Case:
        """One more sheet in a state, in a class of its own with everybody; it takes the place of the last one."""
        number = 11 + len(self._classes)
        class_ = self.make.class_(self.people.places[HOME], f"20201{number}", f"六年级（{number}）班")
        self._classes.append(class_)
        self.people.places["class"] = class_
        self.own[state] = {(role, "class"): self.people.hire(role, "class") for role in Role}
        self.of[state] = self._case(state, class_, number)
        return self.of[state]

    def everybody(self, state: str) -> dict[tuple[Role, str], Actor]:
        """Everybody there is: of the sheet's own class, and of all other places."""
        return self.people.everybody | self.own[state]

    def _case(self, state: str, class_: Place, number: int) -> Case:
        make, reached = self.make, STATES.index(state)
        back = reached >= STATES.index("RECEIVED")
        facts = {"received": False, "readable": False, "signed": False, "returned": back, "written": 1}
        sheet = make.sheet(SheetState(state), make.pupil(class_), **facts)
        own = {"school_id": sheet.school_id, "round_id": sheet.round_id}
        run = PrintRun(number=2000 - number, selection={}, state="done", path=self.people.places[HOME].path, **own)
        pile = Pile(class_id=class_.id, path=class_.path, by_id=self._teacher(state), **own)
        db.session.add_all([run, pile])
        db.session.flush()
        if reached:
            sheet.leaf_number = number
            db.session.add(Leaf(number=number, sheet_id=sheet.id, run_id=run.id, layout_version=1))
        page = self._photo(sheet, "unknown", pile_id=pile.id, source="pile", flat_address="-")
        photo = self._photo(sheet, "matched", sheet_id=sheet.id, source="family")
        db.session.flush()
        reading = Reading(photo_id=photo.id, verdict="readable", **own)
        reading.seen = {"signed": True, "written": {}}
        was = {"written": 1, "signed": False, "seen": None}
        # the class teacher accepted it a moment ago: what may be taken back is told by the state alone
        step = Step(by_id=self._teacher(state), role="TEACHER", place_id=sheet.school_id, path=sheet.path)
        step.thing, step.thing_id, step.move, step.after, step.details = (
            "sheet",
            sheet.id,
            "CHECK",
            "CHECKED",
            {"was": was},
        )
        db.session.add_all([reading, step])
        db.session.commit()
        return Case(sheet.id, sheet.version, class_.id, run.id, photo.id, page.id)

    def _teacher(self, state: str) -> UUID:
        user_id = self.own[state][(Role.TEACHER, "class")].user_id
        assert user_id is not None
        return user_id

    def _photo(self, sheet: Sheet, outcome: str, **columns: object) -> Photo:
        own = {"school_id": sheet.school_id, "round_id": sheet.round_id, "path": sheet.path}
        one = Photo(address=uuid4().hex * 2, size=1, receipt=uuid4().hex[:8].upper(), outcome=outcome, **own, **columns)
        db.session.add(one)
        return one


def _post_of(actor: Actor) -> Post:
    return db.session.scalars(select(Post).where(Post.user_id == actor.user_id)).one()


def expected(way: Way, state: str, role: Role, place: str) -> str | None:
    """The state that follows when this person goes this way, or None when nothing may happen."""
    return way.states.get(state) if (role.value, place) in way.who else None


def attempt(actor: Actor, case: Case, way: Way) -> str | None:
    """Go a way for once; the state of the sheet when it was moved, or None when nothing happened. Leaves no trace."""
    with no_trace():
        before = case.sheet.state
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(db.session, "rollback", db.session.flush)  # some let go of what they have only read
                way.act(actor, case)
        except (Refusal, NotAllowedNow):
            return None
        moved = select(Step.move).where(Step.thing_id == case.sheet_id, Step.after.is_not(None))
        db.session.flush()
        moves = list(db.session.scalars(moved))
        after = str(case.sheet.state)
        return after if len(moves) > 1 or after != before else None
