"""What happened to a pupil: found by class or name, recorded in one form; and the ledger behind the denominator."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.rules.access import Action, may
from portal.rules.clock import today
from portal.rules.codes import table
from portal.rules.findings import FindingCode, likely_kinds
from portal.rules.movements import Effect, Kind, reason_label
from portal.rules.roles import Level
from portal.services import findings_actions, ledger, lists, movements
from portal.services.movements import Movement, PupilView
from portal.services.refusals import Refusal
from portal.services.sheets import EXCLUSIONS
from portal.staff import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

_LAST_PAGE = 1_000_000


class MovementForm(FlaskForm):
    """What happened, when, and for a change of class into which."""

    kind = SelectField(_l("发生了什么"), validators=[InputRequired(_l("请选发生了什么。"))])
    day = DateField(_l("哪天办完的"), validators=[InputRequired(_l("请填日期。"))])
    into = SelectField(_l("换到哪个班"), validators=[Optional()])
    note = StringField(_l("说明"), validators=[Length(max=200)])
    version = HiddenField()

    @classmethod
    def of(cls, shown: PupilView) -> MovementForm:
        """The form with what may be recorded for this pupil."""
        form = cls(data={"day": today(), "version": str(shown.version)})
        groups: dict[str, list[tuple[str, str]]] = {_("还没有选"): [("", _("请选"))]}
        groups |= _likely(shown)
        for kind in shown.kinds:
            groups.setdefault(_(kind.effect.label), []).append((kind.code, _kind_words(kind)))
        form.kind.choices = groups
        form.into.choices = [("", _("不换班")), *((c.id.hex, c.name) for c in shown.classes)]
        return form


def _lang() -> str:
    return "en" if str(get_locale()) == "en" else "zh"


def _kind_words(kind: Kind) -> str:
    label = kind.label(_lang())
    return _(label) if kind.is_own else label


def _finding() -> FindingCode | None:
    """The finding of the person-record check that led here."""
    code = request.args.get("finding", "")
    return FindingCode(code) if code in set(FindingCode) else None


def _likely(shown: PupilView) -> dict[str, list[tuple[str, str]]]:
    """What usually ends that finding, offered first."""
    code = _finding()
    wanted = likely_kinds(code, shown.status) if code else ()
    known = {kind.code: kind for kind in shown.kinds}
    kinds = [(one, _kind_words(known[one])) for one in wanted if one in known]
    return {_("照班主任报的，多半是"): kinds} if kinds else {}


@screens.get("/movements")
@does(Action.RECORD_MOVEMENT)
def manage_movements() -> Response:
    """Choose a class, then a pupil."""
    return _choose(request.args.get("class", type=UUID), None)


@screens.post("/movements")
@does(Action.RECORD_MOVEMENT)
def manage_find_pupil() -> Response:
    """Find a pupil by name; sent by post, because a name belongs in no address."""
    return _choose(None, request.form.get("name", "").strip()[:60])


def _choose(class_id: UUID | None, name: str | None) -> Response:
    who = guard.actor()
    found = None
    if class_id is not None:
        found = movements.pupils_of(who, class_id)
    elif name:
        found = movements.named(who, name)
    return page(
        "staff/movements.html",
        classes=lists.classes_of(who.place_id),
        class_id=class_id,
        name=name or "",
        found=found,
        exclusions=EXCLUSIONS,
        place_id=who.place_id,
    )


@screens.get("/movements/<uuid:pupil_id>")
@does(Action.RECORD_MOVEMENT)
def manage_movement(pupil_id: UUID) -> Response:
    """One pupil: how things stand, and what happened."""
    shown = movements.pupil(guard.actor(), pupil_id)
    return _pupil(shown, MovementForm.of(shown), None)


def _pupil(shown: PupilView, form: MovementForm, error: str | None, status: int = 200) -> Response:
    counted = request.args.get("counted", type=int)
    steps = [
        (reason_words(step.details.get("kind", "")), step.details.get("day", ""), step.at, by, step.reason)
        for step, by in shown.steps
    ]
    return page(
        "staff/movement.html",
        status=status,
        shown=shown,
        form=form,
        error=error,
        steps=steps,
        status_words=table("student_status").label(shown.status, _lang()),
        exclusions=EXCLUSIONS,
        may_apply=not shown.listed.has_left and may(guard.actor(), Action.APPLY),
        may_move=any(kind.effect == Effect.MOVES for kind in shown.kinds) and bool(shown.classes),
        counted=counted if counted in (-1, 0, 1) else None,
        finding=_finding(),
        reported=findings_actions.reported_about(guard.actor(), shown.listed.pupil_id) if _finding() else None,
    )


@screens.post("/movements/<uuid:pupil_id>")
@does(Action.RECORD_MOVEMENT)
def manage_record_movement(pupil_id: UUID) -> Response:
    """Record what happened; status, sheet and figures follow."""
    who = guard.actor()
    shown = movements.pupil(who, pupil_id)
    form = MovementForm.of(shown)
    if not form.validate_on_submit():
        return _pupil(shown, form, None, 400)
    try:
        version = int(form.version.data) if (form.version.data or "").isdigit() else None
        counted = movements.record_movement(who, pupil_id, _movement(form), version)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _pupil(shown, form, words(refusal), refusal.status)
    return go("staff.manage_movement", pupil_id=pupil_id, counted=counted, finding=_finding())


@screens.post("/movements/<uuid:pupil_id>/take-back")
@does(Action.RECORD_MOVEMENT)
def manage_take_back(pupil_id: UUID) -> Response:
    """Take back what was recorded by mistake."""
    who = guard.actor()
    try:
        counted = movements.take_back(who, pupil_id, request.form.get("version", type=int))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        shown = movements.pupil(who, pupil_id)
        return _pupil(shown, MovementForm.of(shown), words(refusal), refusal.status)
    return go("staff.manage_movement", pupil_id=pupil_id, counted=counted)


def _movement(form: MovementForm) -> Movement:
    day: date = form.day.data or today()
    into = UUID(form.into.data) if form.into.data else None
    return Movement(form.kind.data, day, into, form.note.data or "")


def reason_words(code: str) -> str:
    """The words of a ledger entry's reason or an exclusion, in the language of the page."""
    if code in EXCLUSIONS:
        return _(EXCLUSIONS[code])
    label, is_own = reason_label(code, _lang())
    return _(label) if is_own and label else label


@screens.get("/ledger/<uuid:place_id>")
@does(Action.SEE_LISTS)
def manage_ledger(place_id: UUID) -> Response:
    """Roster + joined - left = expected, each number with its list and the reasons."""
    who, show = guard.actor(), request.args.get("show")
    number = min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
    book = ledger.ledger_of(who, place_id)
    if show not in ledger.SHOWS:
        show = "joined" if book.joined else "left" if book.left else "roster"
    total, found = ledger.lines_of(who, book, show, number)
    values: dict[str, Any] = {"book": book, "show": show, "total": total, "lines": found, "number": number}
    pages = max(1, -(-total // ledger.PAGE))
    values |= {"may_manage": may(who, Action.SEE_SETTINGS), "may_move": may(who, Action.RECORD_MOVEMENT)}
    return page(
        "staff/ledger.html", pages=pages, reason_words=reason_words, at_school=who.level == Level.SCHOOL, **values
    )
