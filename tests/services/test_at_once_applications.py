"""Applications that many people act on in the same moment: each is decided once, takes effect once, and nothing of
what anybody does is lost. Threads with sessions of their own, on SQLite and PostgreSQL."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask

from portal.models import Application, Decision, Evidence, Place, Pupil, Step, Switch, db
from portal.rules.applications import ApplicationKind, ApplicationMove, ApplicationState
from portal.rules.clock import now, today
from portal.rules.movements import MOVE_CLASS
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import SheetState
from portal.services import application_checks, applications, decisions, entry, movements, pupils, reviewing
from portal.services.readings import new_change
from portal.services.refusals import Refusal, TooLate
from tests.make import Make
from tests.press import unlock

Later = Callable[[timedelta], None]
MANY, REVIEWERS, WORKERS = 200, 8, 4
WITH_LEADER, WITH_AUTHORITY = ApplicationState.WITH_LEADER, ApplicationState.WITH_AUTHORITY


@pytest.fixture
def later() -> Iterator[Later]:
    """Moves the clock on, which otherwise stands still."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


def at_once(app: Flask, acts: Sequence[Callable[[], object]]) -> list[Any]:
    """Do everything at the same moment; what each returned or the refusal it met, in the order of `acts`. Anything
    else that goes wrong in a thread fails the test."""
    ends: list[Any] = [None] * len(acts)
    ready = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                ends[number] = act()
            except Exception as error:  # told below, by the thread that may fail the test
                db.session.rollback()
                ends[number] = error

    db.session.rollback()  # this thread must not keep the others from writing
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failures = [end for end in ends if isinstance(end, Exception) and not isinstance(end, Refusal)]
    assert not failures, failures
    return ends


def pile_of(make: Make, state: ApplicationState, count: int = MANY, school: Place | None = None) -> dict[UUID, int]:
    """So many name changes of one school in a state: application -> version."""
    class_ = make.class_(school)
    home = db.session.get_one(Place, class_.parent_id)
    files = []
    for _ in range(count):
        pupil = pupils.new_pupil(class_, make.record(make.next()))
        found = Application(kind=ApplicationKind.CHANGE, school_id=home.id, pupil_id=pupil.id, path=pupil.path)
        found.state, found.authority_id, found.items = state, home.parent_id, ["name"]
        found.values = {"name": {"old": pupil.record["name"], "new": "林拭"}}
        own = {"school_id": home.id, "path": pupil.path, "item": "name", "address": "-" * 40, "size": 1}
        files.append(Evidence(application_id=found.id, kind="HUKOU_SCAN", **own))
        db.session.add(found)
    db.session.flush()
    db.session.add_all(files)
    db.session.commit()
    return {one.id: one.version for one in db.session.query(Application).filter_by(state=state, school_id=home.id)}


def shares(versions: dict[UUID, int], times: int) -> list[dict[UUID, int]]:
    """Lists for the reviewers that overlap: each application is in so many of them."""
    ids, step = list(versions), len(versions) // REVIEWERS
    around = ids + ids
    return [{one: versions[one] for one in around[n * step : (n + times) * step]} for n in range(REVIEWERS)]


def steps(move: str) -> int:
    return db.session.query(Step).filter_by(move=move, thing="application").count()


def carry_out(app: Flask, later: Later) -> None:
    """When the time has come, several workers at once."""
    later(UNDO_FOR)
    settled = at_once(app, [decisions.carry_out_due] * WORKERS)
    assert sum(settled) == MANY
    assert db.session.query(Decision).filter(Decision.done_at.is_not(None), Decision.lapsed.is_(None)).count() == MANY
    assert decisions.carry_out_due() == 0


def test_eight_leaders_with_overlapping_lists_make_two_hundred_decisions(app: Flask, make: Make, later: Later) -> None:
    """What others have decided is left out and named; nobody loses the rest of the list."""
    leaders = [make.actor(Role.LEADER, make.school()) for _ in range(REVIEWERS)]
    versions = pile_of(make, WITH_LEADER)
    lists = shares(versions, 3)
    acts = [
        partial(reviewing.decide, who, mine, ApplicationMove.PASS) for who, mine in zip(leaders, lists, strict=True)
    ]
    outcomes = at_once(app, acts)
    for outcome, mine in zip(outcomes, lists, strict=True):
        assert isinstance(outcome, reviewing.Outcome)
        assert outcome.decided + len(outcome.left_out) == len(mine)
        assert {why for _one, why in outcome.left_out} <= {reviewing.DECIDED}
        decided_by_others = {one for one, _why in outcome.left_out}
        assert decided_by_others <= mine.keys()
    assert sum(outcome.decided for outcome in outcomes) == MANY
    decided = Counter(decision.thing_id for decision in db.session.query(Decision))
    assert decided == Counter(dict.fromkeys(versions, 1))
    carry_out(app, later)
    assert (steps("PASS"), db.session.query(Application).filter_by(state=WITH_AUTHORITY).count()) == (MANY, MANY)


def test_eight_officers_one_by_one_grant_two_hundred(app: Flask, make: Make, later: Later) -> None:
    """H4, R105: each change is in the record exactly once, whoever was faster."""
    officers = [make.actor(Role.REGISTRAR, make.county()) for _ in range(REVIEWERS)]
    versions = pile_of(make, WITH_AUTHORITY)
    before = {pupil.id: pupil.version for pupil in db.session.query(Pupil)}

    def day(officer: Actor, mine: dict[UUID, int], order: random.Random) -> tuple[int, int]:
        done = late = 0
        for one in order.sample(list(mine), len(mine)):
            try:
                done += reviewing.decide(officer, {one: mine[one]}, ApplicationMove.GRANT).decided
            except TooLate:
                db.session.rollback()
                late += 1
        return done, late

    lists = shares(versions, 2)
    acts = [
        partial(day, who, mine, random.Random(n)) for n, (who, mine) in enumerate(zip(officers, lists, strict=True))
    ]
    counts = at_once(app, acts)
    assert sum(done for done, _late in counts) == MANY
    assert sum(late for _done, late in counts) == MANY
    assert Counter(decision.thing_id for decision in db.session.query(Decision)) == Counter(dict.fromkeys(versions, 1))
    carry_out(app, later)
    assert steps("GRANT") == MANY
    changed = {pupil.id: (pupil.version - before[pupil.id], pupil.record["name"]) for pupil in db.session.query(Pupil)}
    assert set(changed.values()) == {(1, "林拭")}


def test_registrars_of_two_schools_send_the_same_drafts(app: Flask, make: Make, later: Later) -> None:
    """Each is sent once; who was slower is told."""
    schools = [make.school(), make.school("2199000002", "试验市第二小学")]
    acts, count = [], 10
    for school in schools:
        versions = pile_of(make, ApplicationState.DRAFTED, count, school)
        for registrar in (make.actor(Role.REGISTRAR, school), make.actor(Role.OPERATOR, school)):
            acts.append(partial(sent, registrar, versions))
    counts = at_once(app, acts)
    assert sum(counts) == 2 * count
    assert (steps("SEND"), db.session.query(Application).filter_by(state=WITH_LEADER).count()) == (2 * count, 2 * count)


def sent(who: Actor, mine: dict[UUID, int]) -> int:
    """How many of these drafts this person sent."""
    done = 0
    for one, version in mine.items():
        try:
            applications.send(who, one, version)
            done += 1
        except Refusal:
            db.session.rollback()
    return done


def test_of_several_drafts_made_at_the_same_moment_one_stands(app: Flask, make: Make, later: Later) -> None:
    """H7, R104"""
    registrars = [make.actor(Role.REGISTRAR, make.school()) for _ in range(4)]
    pupil_id = make.pupil().id
    wanted = {"name": "林拭"}
    acts = [partial(applications.make, who, pupil_id, ApplicationKind.CHANGE, wanted) for who in registrars]
    ends = at_once(app, acts)
    assert sorted(type(end).__name__ for end in ends) == ["Application", "TooLate", "TooLate", "TooLate"]
    assert db.session.query(Application).count() == 1


def test_taken_back_or_decided_never_both(app: Flask, make: Make, later: Later) -> None:
    """The school takes its application back in the moment in which the leader decides: one of them is told."""
    leader, registrar = make.actor(Role.LEADER, make.school()), make.actor(Role.REGISTRAR, make.school())
    for one, version in pile_of(make, WITH_LEADER, 10).items():
        decide = partial(reviewing.decide, leader, {one: version}, ApplicationMove.PASS)
        ends = at_once(app, [decide, partial(applications.take_back, registrar, one, version)])
        assert sum(isinstance(end, TooLate) for end in ends) == 1, ends
        decided = db.session.query(Decision).filter_by(thing_id=one).count()
        state = db.session.get_one(Application, one).state
        assert (decided, state) in {(1, WITH_LEADER), (0, ApplicationState.DRAFTED)}


def test_granting_and_entering_lose_nothing_of_each_other(
    app: Flask, make: Make, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name is granted while an operator enters the phone of the same pupil: both stand in the record afterwards,
    whoever comes first. The operator saves after the worker has begun to look at the record."""
    officer, operator = make.actor(Role.REGISTRAR, make.county()), make.actor(Role.OPERATOR, make.school())
    ((one, version),) = pile_of(make, WITH_AUTHORITY, 1).items()
    pupil = db.session.get_one(Application, one).pupil
    sheet = make.sheet(SheetState.PASSED, pupil, written=1)
    unlock(make, sheet.school_id, operator.user_id)
    change_id, pupil_id = new_change(sheet, "phone").id, pupil.id
    db.session.commit()
    reviewing.decide(officer, {one: version}, ApplicationMove.GRANT)
    later(UNDO_FOR)
    looked, entered, sound = threading.Event(), threading.Event(), application_checks.require_sound

    def slow(found: Application) -> None:
        sound(found)
        looked.set()
        entered.wait(0.3)  # for nothing, once the record is held while it is looked at

    def enter() -> None:
        looked.wait(5)
        try:
            entry.enter_value(operator, change_id, "15400000099")
        finally:
            entered.set()

    monkeypatch.setattr(application_checks, "require_sound", slow)
    settled, _entered = at_once(app, [decisions.carry_out_due, enter])
    assert settled == 1, "the decision took effect at the first try"
    kept = db.session.get_one(Pupil, pupil_id).record
    assert (kept["name"], kept["phone"]) == ("林拭", "15400000099")
    assert db.session.query(Decision).one().lapsed is None


def test_pupils_change_class_while_their_applications_take_effect(app: Flask, make: Make, later: Later) -> None:
    """Both need the pupil and the application: they are locked in one order, so neither waits for the other for ever.
    A pupil who is there already when the grant comes has the new name in the new class."""
    make.window(switch=Switch.ENTRY)
    registrar, officer = make.actor(Role.REGISTRAR, make.school()), make.actor(Role.REGISTRAR, make.county())
    other, versions = make.class_(code="2020107", name="六年级（7）班"), pile_of(make, WITH_AUTHORITY, 40)
    for pupil in db.session.query(Pupil):
        make.sheet(SheetState.PASSED, pupil)
    for one, version in versions.items():
        reviewing.decide(officer, {one: version}, ApplicationMove.GRANT)
    later(UNDO_FOR)
    to_other = movements.Movement(MOVE_CLASS, today(), other.id)
    about = db.session.query(Application.id, Application.pupil_id)
    pupil_of = {one: pupil_id for one, pupil_id in about}
    due = [(one.id, one.thing_id) for one in db.session.query(Decision)]
    for decision_id, one in due:
        take = partial(reviewing.take_effect, decision_id, one)
        at_once(app, [take, partial(movements.record_movement, registrar, pupil_of[one], to_other)])
    db.session.expire_all()
    assert {pupil.class_id for pupil in db.session.query(Pupil)} == {other.id}
    assert db.session.query(Decision).filter(Decision.done_at.is_not(None), Decision.lapsed.is_(None)).count() == 40
