"""Whatever changes something must come from a page of this site: a second wall behind the token of the form (sec-A12).

Browsers say so in two headers. `Sec-Fetch-Site` is believed first; `Origin` is "null" even for own forms, because our
pages send no referrer, so that alone says nothing.
"""

from __future__ import annotations

from flask import Flask, request

from portal.rules.words import N_
from portal.services.refusals import NotYours
from portal.settings import Settings

_READING = ("GET", "HEAD", "OPTIONS")
_OWN = ("same-origin", "none")


def is_foreign(method: str, site: str | None, origin: str | None, own: str) -> bool:
    """True when a request that may change something says that another site sent it. `own` is scheme, host and port."""
    if method in _READING:
        return False
    if site is not None and site not in _OWN:
        return True
    return origin not in (None, "null", own)


def init(app: Flask, settings: Settings) -> None:
    """Refuse such requests before anything else is looked at."""
    named = "/".join(settings.base_url.split("/")[:3]) if settings.https else None

    @app.before_request
    def refuse_foreign() -> None:
        asked = request.headers
        own = named or request.host_url.rstrip("/")
        if is_foreign(request.method, asked.get("Sec-Fetch-Site"), asked.get("Origin"), own):
            raise NotYours(N_("这一步不是从本网站的页面发来的，没有做。请打开本网站，在页面上再做一次。"))
