"""All screens of schools and authorities in a real browser, as `test_look_screens.py` looks at those of families."""

from __future__ import annotations

import pytest

from tests.house.gallery_eye import Eye
from tests.house.gallery_screens import SCREENS, Screen

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("screen", [pytest.param(row, id=row.name) for row in SCREENS if not row.is_for_phones])
def test_screens_of_schools_and_authorities(eye: Eye, screen: Screen) -> None:
    assert eye.faults(screen) == []
