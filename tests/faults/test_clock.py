"""The clock of the machine jumps (sec-R19): photos and jobs are still read and done, and edges of the calendar hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from portal.jobs import claim, enqueue
from portal.models import Photo, db
from portal.rules.clock import now, today
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import accounts, photos, reading_queue, readings, receipts
from tests.make import PASSWORD, Make
from tests.photographs import jpeg, leaf_of, seen

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
JUMPS = {"+25 h": timedelta(hours=25), "-2 h": timedelta(hours=-2), "+5 y": timedelta(days=5 * 365)}
#: the last and the first second in Shanghai of days that only some years have, or that begin something
EDGES = [
    datetime(2028, 2, 28, 15, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 15, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC),
    datetime(2027, 8, 31, 16, 0, 0, tzinfo=UTC),
]


@pytest.mark.parametrize("jump", JUMPS)
def test_what_was_leased_before_the_clock_jumped_is_not_left_lying(make: Make, jump: str) -> None:
    """The clock is wrong while a photo comes and a job begins, then it is put right."""
    wrong = NOW + JUMPS[jump]
    with time_machine.travel(wrong, tick=False):
        sheet = make.sheet(SheetState.ISSUED)
        photo = photos.receive(sheet, jpeg(), photos.Sender("family"))
        photo_id = photo.id
        job_id = enqueue(db.session, "some-work", {}, sheet.path, None)
        db.session.commit()
        assert claim(db.engine, "worker-1", ["some-work"])
    with time_machine.travel(max(NOW, wrong if jump == "-2 h" else NOW) + reading_queue.LEASE * 2, tick=False):
        taken = reading_queue.take()
        assert taken is not None
        assert taken.id == photo_id
        db.session.rollback()
        again = claim(db.engine, "worker-2", ["some-work"])
        assert again is not None
        assert again.id == job_id
        assert reading_queue.take() is None, "a lease of the present holds"
        db.session.rollback()
        assert claim(db.engine, "worker-3", ["some-work"]) is None


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge:%Y-%m-%d %H:%M:%S}")
def test_a_photo_at_the_edge_of_a_day_belongs_to_the_day_it_came(make: Make, edge: datetime) -> None:
    with time_machine.travel(edge, tick=False):
        teacher = make.actor(Role.TEACHER, make.class_())
        sheet = make.sheet(SheetState.ISSUED)
        leaf, day = leaf_of(sheet), today()
        photo = readings.keep(photos.receive(sheet, jpeg(), photos.Sender("family")), seen(leaf))
        assert now() == edge
    with time_machine.travel(edge + timedelta(seconds=2), tick=False):
        counts = {shown: receipts.day_of(teacher, sheet.class_id, shown).count for shown in {day, today()}}
        assert counts.pop(day) == 1
        assert sum(counts.values()) == 0
        assert db.session.get_one(Photo, photo.id).outcome == "matched"


def test_a_sign_in_of_the_future_is_none(make: Make) -> None:
    user = make.user(Role.TEACHER, make.class_())
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        token = accounts.sign_in(user.login, PASSWORD)
        assert accounts.actor_of(token) is not None
    with time_machine.travel(NOW, tick=False):
        assert accounts.actor_of(token) is None
