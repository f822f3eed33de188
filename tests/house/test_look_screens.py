"""All screens in a real browser: axe, no sideways scrolling at 320 px, large type, dark, English, targets for thumbs.

The table is `gallery_screens.py`. `make gallery` runs the same and keeps a picture of each screen at each width.
"""

from __future__ import annotations

import pytest

from tests.house.gallery_eye import Eye
from tests.house.gallery_screens import SCREENS, Screen

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("screen", [pytest.param(row, id=row.name) for row in SCREENS if row.is_for_phones])
def test_screens_of_families_and_teachers(eye: Eye, screen: Screen) -> None:
    assert eye.faults(screen) == []
