"""What a bulletin shows: one level below, what does not fit added up, written down."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from portal.models import Step, db
from portal.rules.figures import Measure
from portal.rules.roles import Role
from portal.services import bulletins, figures
from tests.make import Make
from tests.paper.test_bulletin import bulletin


def test_the_rest_is_added_up_so_that_the_page_agrees_with_itself(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulletins, "MOST_ROWS", 3)
    for n in range(4):
        make.sheet(pupil=make.pupil(make.class_(make.school(f"219900000{n + 1}", f"试验第{n}小学"))))
    figures.fold_all()
    rows, rest = bulletins.rows_of(make.actor(Role.REGISTRAR, make.county()), make.round())
    assert [row.name for row in rows] == ["试验一区", "试验第0小学"]
    assert rest is not None
    assert (rest.name, rest.counts[Measure.EXPECTED]) == ("3", 3)
    assert rows[0].counts[Measure.EXPECTED] == rows[1].counts[Measure.EXPECTED] + 3


def test_each_bulletin_is_written_down(make: Make) -> None:
    actor, out = make.actor(Role.REGISTRAR, make.county()), io.BytesIO()
    bulletins.print_page(actor, bulletin(2), out)
    assert out.getvalue().startswith(b"%PDF")
    step = db.session.scalars(select(Step).where(Step.move == "PRINT_BULLETIN")).one()
    assert (step.by_id, step.place_id, step.details["lines"]) == (actor.user_id, actor.place_id, 2)
