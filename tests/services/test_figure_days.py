"""Reasons and days of the figures: counted with each change, added up on all levels, kept through the migration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select

from portal.models import DayFigure, Delta, Figure, Sheet, db
from portal.models.schema import config, migrating, upgrade
from portal.rules.clock import today
from portal.rules.figures import Measure, Why
from portal.rules.forecast import Outlook
from portal.rules.roles import Level, Role
from portal.rules.workflow import SheetState
from portal.services import figures, sheets, trends
from portal.services.figure_lists import Asked, list_behind
from tests.make import Make


def whys(make: Make, path: str) -> dict[Why, int]:
    figures.fold_all()
    return {why: n for why, n in figures.whys_below(make.round().id, path).items() if n}


def at(days_ago: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is counted on an earlier day."""
    monkeypatch.setattr(figures, "today", lambda: today() - timedelta(days=days_ago))


def test_reasons_add_up_to_what_is_missing_on_every_level(make: Make) -> None:
    make.sheet(SheetState.ISSUED, cause="away")
    make.sheet(SheetState.ISSUED)
    make.sheet(SheetState.EXPECTED)
    make.sheet(SheetState.RECEIVED, cause="away")
    make.sheet(SheetState.ISSUED, in_scope=False, exclusion="left")
    want = {Why.AWAY: 1, Why.NOT_RECORDED: 1, Why.NOT_ISSUED: 1}
    for place in (make.class_(), make.school(), make.county(), make.province()):
        assert whys(make, place.path) == want
    assert figures.recount(make.round().id) == []


def test_a_recorded_cause_moves_a_sheet_from_one_reason_to_another(make: Make) -> None:
    sheet, actor = make.sheet(SheetState.ISSUED), make.actor(Role.REGISTRAR, make.school())
    sheets.set_cause(actor, sheet, "no_phone")
    assert whys(make, sheet.path) == {Why.NO_PHONE: 1}
    sheets.set_cause(actor, sheet, None)
    assert whys(make, sheet.path) == {Why.NOT_RECORDED: 1}


@pytest.mark.parametrize("why", [Why.AWAY, Why.NOT_RECORDED, Why.NOT_ISSUED])
def test_every_reason_opens_its_list(make: Make, why: Why) -> None:
    for state, cause in ((SheetState.ISSUED, "away"), (SheetState.ISSUED, None), (SheetState.PRINTED, None)):
        make.sheet(state, cause=cause)
    assert whys(make, make.school().path)[why] == 1
    actor = make.actor(Role.REGISTRAR, make.county())
    assert list_behind(actor, make.round(), make.school().id, Asked(why))[1] == 1


def test_the_migration_counts_reasons_of_sheets_that_are_there(make: Make) -> None:
    make.sheet(SheetState.ISSUED, cause="lost")
    make.sheet(SheetState.ISSUED, registered=True)
    make.sheet(SheetState.RECEIVED)
    before = whys(make, make.province().path)
    db.session.remove()
    with migrating(db.engine) as connection:
        command.downgrade(config(connection), "0002")
    with migrating(db.engine) as connection:
        upgrade(connection)
    assert whys(make, make.province().path) == whys(make, make.school().path) == before == {
        Why.LOST: 1, Why.SIGNED_UP: 1,
    }  # fmt: skip
    assert figures.recount(make.round().id) == []


def test_schools_have_days_of_their_own_that_authorities_do_not_count_twice(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(2, monkeypatch)
    sheet = make.sheet(SheetState.RECEIVED)
    figures.fold_all()
    at(1, monkeypatch)
    make.sheet(SheetState.RECEIVED)
    figures.fold_all()
    for place in (make.school(), make.county(), make.province()):
        counts = figures.counts_below(make.round().id, place.path)
        line = trends.trend_of(make.round(), place.path, Level(place.level), counts).line(Measure.RECEIVED)
        assert (line.gains[-3:], line.counts[-4:]) == ([1, 1, 0], [0, 1, 2, 2]), place.name
    days = db.session.scalars(select(DayFigure).where(DayFigure.is_school, DayFigure.place_id == sheet.school_id))
    assert {day.measure for day in days} <= {m.value for m in figures.DAYS_OF_SCHOOLS}


def test_a_trend_ends_with_the_figures_whatever_the_days_say(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make.sheet(SheetState.RECEIVED)
    make.sheet()
    figures.fold_all()
    for day in db.session.scalars(select(DayFigure)):
        db.session.delete(day)
    db.session.commit()
    counts = figures.counts_below(make.round().id, make.county().path)
    found = trends.trend_of(make.round(), make.county().path, Level.COUNTY, counts)
    assert found.line(Measure.RECEIVED).counts[-1] == 1
    assert found.line(Measure.RECEIVED).forecast.outlook == Outlook.TOO_EARLY
    assert (found.days[0], found.days[-1]) == (make.round().begins, today())
    assert found.whole == 2


def test_many_changes_of_a_day_are_one_row(make: Make) -> None:
    for _ in range(3):
        make.sheet(SheetState.RECEIVED)
    figures.fold_all()
    query = select(DayFigure.n).where(DayFigure.measure == Measure.RECEIVED, DayFigure.is_school)
    assert list(db.session.scalars(query)) == [3]
    assert db.session.scalar(select(Delta.position).limit(1)) is None
    row = db.session.scalar(select(Figure).where(Figure.place_id == db.session.scalar(select(Sheet.class_id))))
    assert row is not None
    assert row.not_issued == 0  # type: ignore[attr-defined]
