"""Applications to decide on: the queue of leader and authority, one case, several at once in a school (H3-H5, R105)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.applications import ApplicationMove
from portal.rules.codes import table
from portal.rules.roles import Actor, Level
from portal.services import (
    application_cases,
    application_documents,
    review_places,
    review_queue,
    reviewing,
    transactions,
)
from portal.services.application_cases import Case
from portal.services.refusals import NotFound, Refusal
from portal.services.reviewing import Outcome
from portal.staff import screens
from portal.staff.printing import posted_ids
from portal.web import guard, pictures
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import is_data, language, said
from portal.web.page import go, page

SHOWN = ("waiting", "overdue", "decided", "ended")


@screens.get("/reviews")
@does(Action.REVIEW)
def reviews() -> Response:
    """What waits for the reviewer, and the first of it open."""
    show = request.args.get("show", "")
    return _show(show if show in SHOWN else "waiting")


@screens.post("/reviews/find")
@does(Action.REVIEW)
def reviews_find() -> Response:
    """By name or school; sent by post, because a name belongs in no address."""
    return _show("found", text=request.form.get("text", "").strip()[:60])


def _show(show: str, status: int = 200, text: str = "", **opened: Any) -> Response:
    """The page with one of its lists; `opened` holds the case on the right and what went wrong."""
    who, lang = guard.actor(), language()
    review_queue.require_reviewer(who)
    month = review_queue.month_of(request.args.get("month", ""))
    values: dict[str, Any] = {"case": None, "alone": False, "given": "", "wrong": None, "outcome": None} | opened
    values |= {"show": show, "text": text, "rows": [], "decided": []}
    if show in ("waiting", "overdue"):
        values["rows"] = review_queue.waiting(who, show == "overdue", lang)
        if values["case"] is None and values["rows"]:
            values["case"] = application_cases.case_of(who, values["rows"][0].application_id, lang)
    elif show == "ended":
        values["rows"] = review_queue.ended(who, month, lang)
        values |= {"month": month, "earlier": month - timedelta(days=1), "later": month + timedelta(days=31)}
    elif show == "found":
        values["rows"] = review_queue.search(who, text, lang) if text else []
    else:
        values["decided"] = review_queue.decided(who, lang)
    return page(
        "staff/reviews/queue.html",
        status=status,
        counts=review_queue.counts(who),
        last=review_queue.last_decided(who, lang),
        at_school=who.level == Level.SCHOOL,
        may_see_queue=may(who, Action.PASS_SHEETS),
        may_see_sheet=may(who, Action.SEE_SHEET),
        may_see_places=may(who, Action.SEE_WAITING) and who.level != Level.SCHOOL,
        kind_words=table("evidence_type"),
        is_data=is_data,
        said=said,
        **values,
    )


@screens.get("/reviews/<uuid:application_id>")
@does(Action.REVIEW)
def review(application_id: UUID) -> Response:
    """One case beside the list."""
    who = guard.actor()
    _require(who, application_id)
    return _case(application_cases.case_of(who, application_id, language()))


@screens.post("/reviews/<uuid:application_id>/full")
@does(Action.REVIEW)
def review_full(application_id: UUID) -> Response:
    """The same with names and numbers in full; a post, because each look is written down."""
    who = guard.actor()
    _require(who, application_id)
    return _case(application_cases.show_in_full(who, application_id, language()))


def _require(who: Actor, application_id: UUID) -> None:
    """This reader may be shown the case with its documents now, which is written down (sec-A34)."""
    found = application_cases.find(who, application_id)  # what lies outside the place does not exist, whoever asks
    review_queue.require_reviewer(who)
    application_documents.look_at_shown(who, found)


def _case(case: Case, status: int = 200, **more: Any) -> Response:
    return _show("waiting", status=status, case=case, alone=True, **more)


@screens.post("/reviews/agree")
@does(Action.REVIEW_AT_SCHOOL)
def reviews_agree() -> Response:
    """Agree to the chosen ones, each exactly as it stands on the screen; what changed meanwhile is named."""
    who, versions = guard.actor(), _versions()
    review_queue.require_told(who, versions)
    outcome = reviewing.decide(who, versions, ApplicationMove.PASS)
    if not outcome.left_out:
        return go("staff.reviews")
    return _show("waiting", outcome=_named(outcome))


def _named(outcome: Outcome) -> dict[str, Any]:
    names = review_queue.names_of(guard.actor(), [one for one, _ in outcome.left_out])
    return {"decided": outcome.decided, "left_out": [(one, names[one], why) for one, why in outcome.left_out]}


def _versions() -> dict[UUID, int]:
    """The ticked applications with the version each had on the screen; a text that is none does not exist."""
    try:
        pairs = [text.split(":") for text in request.form.getlist("one")]
        return {UUID(one): int(version) for one, version in pairs}
    except ValueError:
        raise NotFound from None


@screens.post("/reviews/<uuid:application_id>/school")
@does(Action.REVIEW_AT_SCHOOL)
def review_at_school(application_id: UUID) -> Response:
    """The school's yes or no, then the next of the list; a refusal needs its opinion."""
    return _decide(application_id, ApplicationMove.PASS)


@screens.post("/reviews/<uuid:application_id>/authority")
@does(Action.REVIEW_AT_AUTHORITY)
def review_at_authority(application_id: UUID) -> Response:
    """The authority's yes or no, one at a time (H4)."""
    return _decide(application_id, ApplicationMove.GRANT)


def _decide(application_id: UUID, agree: ApplicationMove) -> Response:
    who, opinion = guard.actor(), request.form.get("opinion", "")
    application_cases.find(who, application_id)
    what = agree if request.form.get("decision") == "yes" else ApplicationMove.REFUSE
    version = request.form.get("version", -1, type=int)
    following = review_queue.following(who, application_id)
    try:
        reviewing.decide(who, {application_id: version}, what, opinion)
    except Refusal as refusal:
        transactions.undo()
        case = application_cases.case_of(who, application_id, language())
        return _case(case, status=refusal.status, given=opinion, wrong=words(refusal))
    return go("staff.review", application_id=following) if following else go("staff.reviews")


@screens.post("/reviews/undo")
@does(Action.REVIEW)
def reviews_undo() -> Response:
    """Take own decisions back while they are not due."""
    ids = posted_ids("one")
    reviewing.undo(guard.actor(), ids)
    return go("staff.review", application_id=ids[0]) if len(ids) == 1 else go("staff.reviews")


@screens.get("/reviews/handwriting/<uuid:change_id>.jpg")
@does(Action.REVIEW)
def review_crop(change_id: UUID) -> Response:
    """The handwriting of one item of an application."""
    return pictures.jpeg(application_cases.crop(guard.actor(), change_id))


@screens.get("/reviews/places")
@does(Action.SEE_WAITING)
def review_places_own() -> Response:
    """Where applications wait below the own place."""
    return _places(None)


@screens.get("/reviews/places/<uuid:place_id>")
@does(Action.SEE_WAITING)
def review_places_below(place_id: UUID) -> Response:
    """Where applications wait below one place."""
    return _places(place_id)


def _places(place_id: UUID | None) -> Response:
    who = guard.actor()
    may_review = may(who, Action.REVIEW)
    return page("staff/reviews/places.html", below=review_places.below(who, place_id), may_review=may_review)
