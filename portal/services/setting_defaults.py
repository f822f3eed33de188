"""What a place has set, as its row keeps it, and what holds where nobody has set a thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from portal.rules.place_settings import SECOND_STEP, SETTINGS, Value

#: settings of a place stand under this key, beside what others keep there
KEY = "rules"


def kept_in(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What a place itself has set, of everything its row keeps."""
    return {code: kept for code, kept in settings.get(KEY, {}).items() if code in SETTINGS}


def default_of(code: str) -> Value:
    """The value before anybody has tightened it: the rule's own; of the second step the deployment says it."""
    if code == SECOND_STEP:
        asked: str = current_app.extensions["portal.settings"].second_step_for
        return asked
    return SETTINGS[code].default
