"""Windows by day: whole days in Shanghai, two independent switches, closing and opening at once (A1-A4, R95)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models import Step, Switch, Window, db
from portal.rules.clock import day_start, now, today
from portal.rules.roles import Actor, Role
from portal.services import rounds, windows
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.windows import Standing, calendar_of, set_days, switch_now
from tests.make import Make


@pytest.fixture
def province(make: Make) -> Actor:
    make.round()
    make.prefecture()
    return make.actor(Role.REGISTRAR, make.province())


def standing(actor: Actor, switch: str) -> Standing:
    return calendar_of(actor).places[0].stretch(switch).standing


def test_a_window_is_open_on_its_whole_last_day(province: Actor, make: Make) -> None:
    place = make.prefecture()
    set_days(province, place.id, {"export": (today(), today())})
    row = db.session.query(Window).one()
    assert (row.opens_at, row.closes_at) == (day_start(today()), day_start(today() + timedelta(days=1)))
    last_moment = row.closes_at - timedelta(microseconds=1)
    assert rounds.is_open(make.round().id, make.school().path, Switch.EXPORT, last_moment)
    assert not rounds.is_open(make.round().id, make.school().path, Switch.EXPORT, row.closes_at)
    assert calendar_of(province).places[0].stretch("export").last == today()


def test_the_two_switches_are_independent(province: Actor, make: Make) -> None:
    """R95, A2: opening one leaves the other."""
    place = make.prefecture()
    set_days(province, place.id, {"entry": (today(), today() + timedelta(days=2))})
    found, school = make.round(), make.school()
    rounds.require_open(found.id, school.path, Switch.ENTRY)
    with pytest.raises(TooLate):
        rounds.require_open(found.id, school.path, Switch.EXPORT)
    assert (standing(province, "entry"), standing(province, "export")) == (Standing.OPEN, Standing.NONE)


def test_closing_and_opening_at_once(province: Actor, make: Make) -> None:
    """A3: closed -> scheduled -> open -> closed."""
    place = make.prefecture()
    set_days(province, place.id, {"export": (today() + timedelta(days=1), today() + timedelta(days=9))})
    assert standing(province, "export") == Standing.PLANNED
    with pytest.raises(Refusal, match="不用关"):
        switch_now(province, place.id, "export", to_open=False)
    switch_now(province, place.id, "export", to_open=True)
    assert standing(province, "export") == Standing.OPEN
    switch_now(province, place.id, "export", to_open=False)
    assert standing(province, "export") == Standing.PAST
    with pytest.raises(Refusal, match="已经过了"):
        switch_now(province, place.id, "export", to_open=True)
    moves = [s for s in db.session.query(Step).filter_by(move="SET_WINDOW")]
    assert len(moves) == 3, "every change leaves its step"


def test_the_first_setting_says_that_there_was_none(province: Actor, make: Make) -> None:
    """A3: the record tells from what to what."""
    place, day = make.prefecture(), today()
    for last in (day, day + timedelta(days=1)):
        set_days(province, place.id, {"export": (day, last)})
    rows = db.session.scalars(select(Step).where(Step.move == "SET_WINDOW").order_by(Step.at)).all()
    first, second = (step.details for step in rows)
    assert first["was"] == ""
    assert second["was"] == first["now"] != second["now"]


def test_saving_the_same_days_keeps_a_window_closed(province: Actor, make: Make) -> None:
    """Closed within its last day, then the form is saved for the other switch: it does not open again."""
    place = make.prefecture()
    set_days(province, place.id, {"export": (today(), today())})
    switch_now(province, place.id, "export", to_open=False)
    set_days(province, place.id, {"export": (today(), today()), "entry": (today(), today())})
    assert standing(province, "export") == Standing.PAST
    assert standing(province, "entry") == Standing.OPEN


def test_days_that_make_no_window(province: Actor, make: Make) -> None:
    place = make.prefecture()
    with pytest.raises(Refusal, match="之后"):
        set_days(province, place.id, {"export": (today(), today() - timedelta(days=1))})
    with pytest.raises(Refusal, match="年份"):
        set_days(province, place.id, {"export": (today(), today() + timedelta(days=800))})
    with pytest.raises(NotFound):
        set_days(province, place.id, {"both": (today(), today())})
    with pytest.raises(Refusal, match="还没有定日期"):
        switch_now(province, place.id, "entry", to_open=True)
    assert db.session.query(Window).count() == 0


def test_windows_belong_to_prefectures_and_the_province(province: Actor, make: Make) -> None:
    for place in (make.county(), make.school()):
        with pytest.raises(NotFound):
            set_days(province, place.id, {"export": (today(), today())})


def test_the_calendar_spans_round_and_windows(province: Actor, make: Make) -> None:
    found = make.round()
    make.window(opens=now() - timedelta(days=40), closes=now() + timedelta(days=40))
    calendar = calendar_of(province)
    assert calendar.first <= min(found.begins, today() - timedelta(days=40))
    assert calendar.last >= max(found.ends, today() + timedelta(days=40))
    assert calendar.days == (calendar.last - calendar.first).days + 1
    assert windows.Stretch("entry").first is None
