"""The browser of a request: a random id in a signed cookie, by which wrong codes are counted (sec 5.4).

It says nothing about who uses the browser; the database keeps a keyed hash of it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, current_app, request
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from portal.rules import networks
from portal.services.slowing import Asker
from portal.web.address import client_address

LIFE = timedelta(days=180)
_OWN = "portal.device"


def device() -> str:
    """The id of this browser: what its cookie says, or a new one that the answer sets."""
    if _OWN not in request.environ:
        known = _read()
        request.environ[_OWN] = (known or secrets.token_urlsafe(16), known is None)
    return str(request.environ[_OWN][0])


def asker() -> Asker:
    """Who tries a code in this request, with the work that its form brings."""
    form = request.form
    return Asker(device(), networks.household(client_address()), form.get("ticket", ""), form.get("work", ""))


def init(app: Flask) -> None:
    """Set the cookie wherever a new id was made."""

    @app.after_request
    def keep(answer: Response) -> Response:
        made, is_new = request.environ.get(_OWN, ("", False))
        if is_new:
            answer.set_cookie(
                _name(),
                _signer().sign(made).decode(),
                max_age=LIFE,
                secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
                httponly=True,
                samesite="Lax",
            )
        return answer


def _read() -> str | None:
    try:
        return _signer().unsign(request.cookies.get(_name(), "")).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def _name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _signer() -> Signer:
    assert current_app.secret_key is not None
    return Signer(current_app.secret_key, salt="device")
