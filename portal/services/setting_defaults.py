"""What holds where no authority has set a thing: the default of the rule; of the second step the deployment says it."""

from __future__ import annotations

from flask import current_app

from portal.rules.place_settings import SECOND_STEP, SETTINGS, Value


def default_of(code: str) -> Value:
    """The value before anybody has tightened it."""
    if code == SECOND_STEP:
        asked: str = current_app.extensions["portal.settings"].second_step_for
        return asked
    return SETTINGS[code].default
