"""All screens: axe, no sideways scrolling at 320 px, large type, dark, English, targets for thumbs in a real browser.

The table is `gallery_screens.py`. Of each screen the first row, the longest names and what a sent form answers are
looked at; the other states are read in both languages. `make gallery` looks at every row and keeps pictures of it.
"""

from __future__ import annotations

import pytest

from tests.house.gallery_eye import Eye
from tests.house.gallery_screens import SCREENS, Screen

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("screen", [pytest.param(row, id=row.name) for row in SCREENS if row.is_for_phones])
def test_screens_of_families_and_teachers(eye: Eye, screen: Screen) -> None:
    assert eye.faults(screen) == []
