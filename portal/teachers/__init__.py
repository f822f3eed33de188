"""Screens of class teachers: the class, one sheet to look through, the plain ones together."""

from flask import Blueprint

screens = Blueprint("teachers", __name__, url_prefix="/class")

from portal.teachers import (  # noqa: E402, F401 - each registers its screens
    acts,
    class_list,
    families,
    findings,
    pile,
    pile_photo,
    receipts,
    reminder,
    sheet,
    unchanged,
    unlisted,
    versions,
    whole_class,
)
