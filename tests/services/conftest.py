"""What tests of services share."""

from __future__ import annotations

import pytest

from tests.press import Press


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """Prints nothing and remembers what it was given."""
    made = Press()
    monkeypatch.setattr("portal.paper.printing.print_sheets", made)
    return made
