"""Checking a child's record on the screen: one group a page, each item changed in its place, saved as one goes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import g, request, url_for
from werkzeug.wrappers import Response

from portal.parents import check_inputs, screens
from portal.parents.check_inputs import answers_of, page_data, present_address
from portal.rules import check_groups
from portal.rules.access import Action
from portal.services import family_changes, family_check, family_summary, transactions
from portal.services.family_changes import Outcome
from portal.services.refusals import NotFound, Refusal
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import document_words, posted_of, said
from portal.web.page import go, page

GROUP = "/home/<uuid:child_id>/check/<string(maxlength=12):group>"
Posted = Mapping[str, Mapping[str, str]]


@screens.get("/home/<uuid:child_id>/check")
@does(Action.CHECK_DATA)
def check(child_id: UUID) -> Response:
    """On to the first group that has not been confirmed, else to the end."""
    return _onward(child_id, family_check.next_group(guard.actor(), child_id))


def _onward(child_id: UUID, group: str | None) -> Response:
    if group is None:
        return go("parents.check_done", child_id=child_id)
    return go("parents.check_group", child_id=child_id, group=group)


@screens.get("/home/<uuid:child_id>/check/done")
@does(Action.CHECK_DATA)
def check_done(child_id: UUID) -> Response:
    """What to write on the paper, and what comes next."""
    who = guard.actor()
    found = family_summary.summary(who, child_id)
    g.support = family_check.support_of(who, child_id)
    return page(
        "parents/check_done.html",
        found=found,
        document_words=document_words,
        place=check_inputs.place_on_paper,
    )


@screens.get(GROUP)
@does(Action.CHECK_DATA)
def check_group(child_id: UUID, group: str) -> Response:
    """One group; `item` names a row to open."""
    return _show(child_id, group, {}, open_item=request.args.get("item"), focus=request.args.get("saved"))


def _show(
    child_id: UUID, group: str, posted: Posted, open_item: str | None = None, focus: str | None = None
) -> Response:
    who = guard.actor()
    screen = family_check.screen(who, child_id, group)
    g.support = family_check.support_of(who, child_id)
    data = page_data(screen, posted, open_item, focus=focus)
    return page("parents/check.html", part="parents/_check.html", **data)


def _again(
    child_id: UUID,
    group: str,
    posted: Posted,
    errors: dict[str, tuple[str, ...]],
    status: int,
    open_item: str | None = None,
) -> Response:
    """The page with what was wrong beside its inputs; all that was typed stays."""
    who = guard.actor()
    screen = family_check.screen(who, child_id, group)
    g.support = family_check.support_of(who, child_id)
    kept = {item: fields for item, fields in posted.items() if item in errors}
    data = page_data(screen, kept, open_item, errors=errors)
    return page("parents/check.html", part="parents/_check.html", status=status, **data)


@screens.post(GROUP)
@does(Action.CHECK_DATA)
def change_group(child_id: UUID, group: str) -> Response:
    """Save every open row and do what was pressed: next group, open a row, take a change back, ask the school."""
    found = family_check.screen(guard.actor(), child_id, group)
    posted = posted_of(request.form, found.group.items)
    act, _, item = request.form.get("do", "save").partition(":")
    if act == "place":
        return _show(child_id, group, posted, focus=item)
    if act in ("undo", "ask"):
        version = answers_of({item: posted.get(item, {})}, "")[item].version if item in found.group.items else 0
        return _leave(child_id, group, (act, item, version), {k: v for k, v in posted.items() if k != item})
    address = present_address(found)
    try:
        outcome = family_changes.save(guard.actor(), child_id, group, answers_of(posted, address), act == "next")
    except Refusal as refusal:
        return _refused(child_id, group, posted, refusal)
    if not outcome.is_whole:
        return _again(child_id, group, posted, _sentences(outcome), 400, item if act == "open" else None)
    if act == "next":
        following = check_groups.following(group)
        return _onward(child_id, following.code if following else None)
    return _saved(child_id, group, item if act == "open" else None, next(iter(posted), None))


def _leave(child_id: UUID, group: str, what: tuple[str, str, int], others: Posted) -> Response:
    """Take one item back or leave it to the school; rows that are open beside it stay open as they were typed."""
    act, item, version = what
    if item not in family_check.group_named(group).items:
        raise NotFound
    do = family_changes.take_back if act == "undo" else family_changes.ask_school
    try:
        do(guard.actor(), child_id, item, version)
    except Refusal as refusal:
        return _refused(child_id, group, {item: {"version": str(version)}, **others}, refusal)
    if others:
        return _show(child_id, group, others, focus=item)
    return _saved(child_id, group, None, item)


def _saved(child_id: UUID, group: str, open_item: str | None, saved: str | None) -> Response:
    """The group as it is now: as a part, or at its own address so that a reload sends nothing again."""
    if request.headers.get("HX-Request"):
        return _show(child_id, group, {}, open_item, focus=open_item or saved)
    query = {"item": open_item} if open_item else {"saved": saved}
    address = url_for("parents.check_group", child_id=child_id, group=group, **query)
    return Response("", 303, {"Location": f"{address}#row-{open_item or saved}"})


def _refused(child_id: UUID, group: str, posted: Posted, refusal: Refusal) -> Response:
    """Closed meanwhile, or changed by somebody else: the sentence stands at what was typed."""
    if refusal.status == 404:
        raise refusal
    transactions.undo()
    return _again(child_id, group, posted, {item: (words(refusal),) for item in posted}, refusal.status)


def _sentences(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    found = {item: tuple(said(one) for one in problems) for item, problems in outcome.wrong.items()}
    return found | {item: (words(Refusal(text)),) for item, text in outcome.said.items()}
