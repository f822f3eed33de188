"""The calendar of windows: everybody reads what concerns them, the province sets (A1-A3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField
from wtforms.validators import Optional

from portal.rules.access import Action, may
from portal.rules.roles import Level
from portal.services import rounds
from portal.services import windows as service
from portal.services.refusals import Refusal
from portal.services.windows import Calendar, Draft, PlaceWindows, Standing, Stretch
from portal.staff import screens, window_load
from portal.staff.figure_words import people, short
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
    """All windows as bars over the days of the round; `place` chooses a row, `look` shows its days in the address as
    if they were saved."""
    place_id = request.args.get("place", type=UUID)
    if place_id is None or "look" not in request.args or not may(guard.actor(), Action.SET_WINDOWS):
        return _windows(place_id)
    rounds.place_with_windows(guard.actor(), place_id)
    forms = {switch: DaysForm(request.args, prefix=switch, meta={"csrf": False}) for switch in SWITCHES}
    if not all([form.validate() for form in forms.values()]):
        return _windows(place_id, forms, status=400)
    try:
        draft = Draft(place_id, service.checked(_days(forms)))
    except Refusal as refusal:
        return _windows(place_id, forms, words(refusal), refusal.status)
    return _windows(place_id, forms, draft=draft)


def _windows(
    place_id: UUID | None,
    forms: dict[str, DaysForm] | None = None,
    error: str | None = None,
    status: int = 200,
    draft: Draft | None = None,
) -> Response:
    who = guard.actor()
    calendar, may_set = service.calendar_of(who, draft), may(who, Action.SET_WINDOWS)
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
        load=window_load.shown(who, calendar, draft) if who.level == Level.PROVINCE else None,
        is_draft=draft is not None,
        people=people,
        error=error,
        status=status,
    )


def _days(forms: dict[str, DaysForm]) -> dict[str, tuple[date, date]]:
    return {s: (f.first.data, f.last.data) for s, f in forms.items() if f.first.data and f.last.data}


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


def _weeks(calendar: Calendar) -> list[tuple[int, str]]:
    """Heads of the calendar as (day number, words): every week, of long rounds every second or third, and today."""
    days, here = calendar.days, (calendar.today - calendar.first).days
    every = max(7, 7 * (days // 70))
    clear = range(0, days, every) if not 0 <= here < days else [n for n in range(0, days, every) if abs(n - here) > 4]
    heads = {n: short(calendar.first + timedelta(days=n)) for n in clear if n == 0 or days - n > 3}
    if 0 <= here < days:
        heads[here] = _("%(day)s 今天", day=short(calendar.today))
    return sorted(heads.items())


def _row(place: PlaceWindows, calendar: Calendar, chosen: PlaceWindows | None) -> dict[str, Any]:
    note = people(place.expected) if place.expected else ""  # nobody is counted outside the own place
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
    length = min((stretch.last - stretch.first).days + 1, calendar.days - start)
    look = "draft" if stretch.is_draft else _LOOKS[stretch.standing]
    text = _bar_text(stretch, is_long=length > calendar.days / 3)
    return {"kind": stretch.switch, "state": look, "start": start, "length": length, "text": text}


def _bar_text(stretch: Stretch, is_long: bool) -> str:
    """What, from when to when; how it stands where there is room, and always when it is not saved."""
    assert stretch.first is not None
    assert stretch.last is not None
    values = {"what": _switch_words()[stretch.switch], "first": short(stretch.first), "last": short(stretch.last)}
    if stretch.is_draft:
        return _("%(what)s %(first)s 至 %(last)s，没有存", **values)
    texts = {
        Standing.OPEN: _("%(what)s %(first)s 至 %(last)s，开着", **values),
        Standing.PLANNED: _("%(what)s %(first)s 至 %(last)s，还没开", **values),
        Standing.PAST: _("%(what)s %(first)s 至 %(last)s，已关", **values),
    }
    return texts[stretch.standing] if is_long else _("%(what)s %(first)s 至 %(last)s", **values)


@screens.post("/windows/<uuid:place_id>")
@does(Action.SET_WINDOWS)
def set_windows(place_id: UUID) -> Response:
    """Save the days of both switches, or open or close one of them now."""
    who, forms = guard.actor(), {switch: DaysForm(prefix=switch) for switch in SWITCHES}
    rounds.place_with_windows(who, place_id)
    if "look" in request.form:
        typed = {name: request.form[name] for f in forms.values() for name in (f.first.name, f.last.name)
                 if request.form.get(name)}  # fmt: skip
        return go("staff.windows", place=place_id, look=1, **typed)
    for move in ("open", "close"):
        if move in request.form:
            act = partial(service.switch_now, who, place_id, request.form[move], move == "open")
            return _answer(place_id, forms, act)
    if not all([form.validate() for form in forms.values()]):
        return _windows(place_id, forms, status=400)
    return _answer(place_id, forms, partial(service.set_days, who, place_id, _days(forms)))


def _answer(place_id: UUID, forms: dict[str, DaysForm], act: Callable[[], None]) -> Response:
    try:
        act()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _windows(place_id, forms, words(refusal), refusal.status)
    return go("staff.windows", place=place_id)
