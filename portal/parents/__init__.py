"""Screens of parents and guardians: the page behind the two QR codes, the photo, the claimed account and its home."""

from flask import Blueprint
from werkzeug.wrappers import Response

from portal.services import transactions
from portal.services.refusals import NotFound
from portal.web.page import page

screens = Blueprint("parents", __name__)


@screens.errorhandler(NotFound)
def not_found(_refusal: NotFound) -> Response:
    """One page for a wrong token, a handle of another browser and a receipt of another sheet, in words for families."""
    transactions.undo()
    return page("parents/not_found.html", status=404)


from portal.parents import check, claim, code, documents, home, landing, photo  # noqa: E402, F401 - each registers its screens
