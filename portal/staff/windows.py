"""The calendar of windows: everybody reads what concerns them, the province sets (A1-A3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import Optional

from portal.rules.access import Action, may
from portal.services import rounds
from portal.services import windows as service
from portal.services.refusals import Refusal
from portal.services.windows import Calendar, PlaceWindows, Standing, Stretch
from portal.staff import screens
from portal.staff.round_steps import named
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.page import go, page

SWITCHES = ("export", "entry")


class DaysForm(FlaskForm):
    """From which day to which day a switch is open; both or none."""

    first = DateField(_l("从哪天"), validators=[Optional()])
    last = DateField(_l("到哪天"), validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        """Each day is a day, and there are both or none."""
        good = bool(super().validate(extra_validators))
        for field, other, text in (
            (self.first, self.last, _l("请填从哪天开。")),
            (self.last, self.first, _l("请填到哪天关。")),
        ):
            if not field.data and not field.errors and other.data:
                field.errors = [text]
                good = False
        return good


@screens.get("/windows")
@does(Action.SEE_WINDOWS)
def windows() -> Response:
    """All windows as bars over the days of the round; `place` chooses a row."""
    return _windows(request.args.get("place", type=UUID))


def _windows(
    place_id: UUID | None, forms: dict[str, DaysForm] | None = None, error: str | None = None, status: int = 200
) -> Response:
    who = guard.actor()
    calendar, may_set = service.calendar_of(who), may(who, Action.SET_WINDOWS)
    chosen = next((p for p in calendar.places if p.place_id == place_id), calendar.places[0] if may_set else None)
    return page(
        "staff/windows.html",
        calendar=calendar,
        rows=[_row(place, calendar, chosen) for place in calendar.places],
        weeks=_weeks(calendar),
        today=(calendar.today - calendar.first).days,
        chosen=chosen,
        forms=(forms or _forms(chosen)) if may_set and chosen else None,
        switch_words=_switch_words(),
        may_set=may_set,
        error=error,
        status=status,
    )


def _forms(chosen: PlaceWindows | None) -> dict[str, DaysForm]:
    if chosen is None:
        return {}
    made = {}
    for switch in SWITCHES:
        kept = chosen.stretch(switch)
        made[switch] = DaysForm(formdata=None, prefix=switch, data={"first": kept.first, "last": kept.last})
    return made


def _switch_words() -> dict[str, str]:
    return {"export": _("打印"), "entry": _("录入")}


def _short(day: date | None) -> str:
    if day is None:
        return ""
    return f"{day.day}/{day.month}" if str(get_locale()) == "en" else f"{day.month}/{day.day}"


def _weeks(calendar: Calendar) -> list[tuple[int, str]]:
    """Heads of the calendar as (day number, words): every week, of long rounds every second or third, and today."""
    days, here = calendar.days, (calendar.today - calendar.first).days
    every = max(7, 7 * (days // 70))
    clear = range(0, days, every) if not 0 <= here < days else [n for n in range(0, days, every) if abs(n - here) > 4]
    heads = {n: _short(calendar.first + timedelta(days=n)) for n in clear if n == 0 or days - n > 3}
    if 0 <= here < days:
        heads[here] = _("%(day)s 今天", day=_short(calendar.today))
    return sorted(heads.items())


def _row(place: PlaceWindows, calendar: Calendar, chosen: PlaceWindows | None) -> dict[str, Any]:
    note = _("%(n)s 人", n=f"{place.expected:,}")
    label = _("省直属学校") if place.is_province else place.name
    name = label if place.is_province else named("%(name)s", name=label)
    bars = [_bar(stretch, calendar) for stretch in place.stretches]
    return {"place": place, "label": label, "name": name, "note": note, "chosen": place is chosen, "windows": bars}


_LOOKS = {Standing.OPEN: "open", Standing.PLANNED: "planned", Standing.PAST: "past"}


def _bar(stretch: Stretch, calendar: Calendar) -> dict[str, Any]:
    if stretch.first is None or stretch.last is None:
        text = _("%(what)s还没有安排", what=_switch_words()[stretch.switch])
        return {"kind": stretch.switch, "state": "past", "start": 0, "length": calendar.days, "text": text}
    start = (stretch.first - calendar.first).days
    values = {"what": _switch_words()[stretch.switch], "first": _short(stretch.first), "last": _short(stretch.last)}
    texts = {
        Standing.OPEN: _("%(what)s %(first)s 至 %(last)s，开着", **values),
        Standing.PLANNED: _("%(what)s %(first)s 至 %(last)s，还没开", **values),
        Standing.PAST: _("%(what)s %(first)s 至 %(last)s，已关", **values),
    }
    length = min((stretch.last - stretch.first).days + 1, calendar.days - start)
    short = _("%(what)s %(first)s 至 %(last)s", **values)
    text = texts[stretch.standing] if length > calendar.days / 3 else short
    return {"kind": stretch.switch, "state": _LOOKS[stretch.standing], "start": start, "length": length, "text": text}


@screens.post("/windows/<uuid:place_id>")
@does(Action.SET_WINDOWS)
def set_windows(place_id: UUID) -> Response:
    """Save the days of both switches, or open or close one of them now."""
    who, forms = guard.actor(), {switch: DaysForm(prefix=switch) for switch in SWITCHES}
    rounds.place_with_windows(who, place_id)
    for move in ("open", "close"):
        if move in request.form:
            act = partial(service.switch_now, who, place_id, request.form[move], move == "open")
            return _answer(place_id, forms, act)
    if not all([form.validate() for form in forms.values()]):
        return _windows(place_id, forms, status=400)
    days = {s: (f.first.data, f.last.data) for s, f in forms.items() if f.first.data and f.last.data}
    return _answer(place_id, forms, partial(service.set_days, who, place_id, days))


def _answer(place_id: UUID, forms: dict[str, DaysForm], act: Callable[[], None]) -> Response:
    try:
        act()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _windows(place_id, forms, words(refusal), refusal.status)
    return go("staff.windows", place=place_id)
