"""Screens of registrars, operators, leaders and education authorities."""

from flask import Blueprint

screens = Blueprint("staff", __name__, url_prefix="/staff")

from portal.staff import (  # noqa: E402, F401 - the screens register themselves
    classes,
    doubts,
    entry,
    figures,
    logins,
    printing,
    queue,
    roster,
    round,
    unlocking,
    windows,
)
