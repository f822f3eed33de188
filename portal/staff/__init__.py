"""Screens of registrars, operators, leaders and education authorities."""

from flask import Blueprint

screens = Blueprint("staff", __name__, url_prefix="/staff")

from portal.staff import entry, figures, queue  # noqa: E402, F401 - the screens register themselves
