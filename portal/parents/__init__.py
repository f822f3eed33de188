"""Screens of parents and guardians: the page behind the two QR codes, the photo and what was seen on it."""

from flask import Blueprint

screens = Blueprint("parents", __name__)

from portal.parents import code, landing, photo  # noqa: E402, F401 - each registers its screens
