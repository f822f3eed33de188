"""What a screen says when an authority has switched its function off (P8)."""

from __future__ import annotations

from werkzeug.wrappers import Response

from portal.rules.place_settings import SETTINGS, Switch
from portal.services import place_settings
from portal.web.page import page


def off_page(path: str, switch: Switch) -> Response | None:
    """The sentence in place of the screen, or None while the function is on for this place."""
    if place_settings.is_on(path, switch):
        return None
    return page("switched_off.html", title=SETTINGS[switch].label, words=switch.off_words)
