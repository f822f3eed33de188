"""All screens of schools and authorities in a real browser, as `test_look_screens.py` looks at those of families."""

from __future__ import annotations

import pytest

from portal.models import Post, db
from tests.bad_inputs.forms import walk
from tests.house.gallery_eye import Eye
from tests.house.gallery_screens import SCREENS, Screen

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("screen", [pytest.param(row, id=row.name) for row in SCREENS if not row.is_for_phones])
def test_screens_of_schools_and_authorities(eye: Eye, screen: Screen) -> None:
    assert eye.faults(screen) == []


def posts(eye: Eye) -> set[tuple[object, ...]]:
    with eye.app.app_context():
        return {(row.user_id, row.role, row.place_id) for row in db.session.query(Post)}


def test_every_form_takes_anything(eye: Eye, caplog: pytest.LogCaptureFixture) -> None:
    """sec-F1 ... F4, F9, F12, F20, sec-U35, sec-A22, sec-A44: last, since it uses up what the others looked at."""
    before = posts(eye)
    rows = [row for row in SCREENS if row.is_first or (eye.pictures and not row.is_filled and not row.is_long)]
    asked = ((row.who, eye.client(row.who), eye.address_of(row).removeprefix(eye.address)) for row in rows)
    assert list(walk(eye.app, asked)) == [], [record.getMessage() for record in caplog.records]
    known = {row[0] for row in before}
    assert {row for row in posts(eye) if row[0] in known} <= before, "nobody becomes what a form says"
