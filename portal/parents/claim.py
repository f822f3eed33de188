"""Claiming a child with the code of page 2: one form, then home. And the text that is agreed to."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from portal.parents import papers, screens
from portal.parents.forms import AddForm, ClaimForm
from portal.parents.papers import PAPER, Paper
from portal.rules import consent
from portal.rules.access import Action, may
from portal.rules.roles import Actor
from portal.services import claims, transactions
from portal.services.claims import NotRight
from portal.services.refusals import Refusal
from portal.web import device, guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page


@screens.route(f"{PAPER}/claim", methods=["GET", "POST"])
@does(Action.CLAIM_CHILD)
def claim(door: str, key: str) -> Response:
    """Question, account, relation, consent. Only a typed code opens it: the link of page 1 asks for the code first."""
    if door != "c":
        return redirect(url_for("parents.code"), 303)
    paper = papers.find(door, key)
    if paper.whose.closed:
        return redirect(paper.url("landing"), 303)
    family = _family()
    form = AddForm() if family else ClaimForm()
    form.offer(_language())
    if not form.is_submitted():
        return _show(paper, form)
    if not form.validate():
        return _show(paper, form, status=400)
    return _claim(paper, form, family)


def _family() -> Actor | None:
    """The family that is signed in; staff claim with an account of their own, as everybody does."""
    who = guard.current_actor()
    return who if who and not who.must_change and may(who, Action.SEE_OWN_CHILDREN) else None


def _claim(paper: Paper, form: AddForm, family: Actor | None) -> Response:
    try:
        made = claims.claim(papers.selector_of(paper.key), form.claim(_language()), family, device.asker())
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        transactions.undo()
        return _refused(paper, form, refusal)
    if made.token:
        guard.begin(made.token)
    return go("parents.home")


def _refused(paper: Paper, form: AddForm, refusal: Refusal) -> Response:
    """The form again, with the sentence at the field it is about, or above all."""
    if isinstance(refusal, NotRight):
        form[refusal.field].errors = [words(refusal)]
        return _show(paper, form, status=refusal.status)
    return _show(paper, form, words(refusal), refusal.status)


def _show(paper: Paper, form: AddForm, error: str | None = None, status: int = 200) -> Response:
    form.version.data = consent.VERSION
    text = consent.text(_language())
    return page(
        "parents/claim.html", status=status, paper=paper, whose=paper.whose, form=form, error=error, consent=text
    )


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


@screens.get("/consent")
@does(Action.SEE_PUBLIC_PAGE)
def consent_text() -> Response:
    """The text that guardians agree to, to read again."""
    return page("parents/consent.html", consent=consent.text(_language()))


@screens.get("/forgot")
@does(Action.SEE_PUBLIC_PAGE)
def forgot() -> Response:
    """Who helps with a forgotten password: no text message is ever sent, so a person who knows the family does."""
    return page("parents/forgot.html")
