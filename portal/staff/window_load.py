"""The load under the calendar: bars a day, which days get crowded and why, and what another order would bring."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from portal.rules.roles import Actor
from portal.services import window_load, windows
from portal.services.window_load import CrowdedDays, Load, Proposal
from portal.services.windows import Calendar, Draft, PlaceWindows
from portal.staff.figure_words import bold, english, people
from portal.staff.round_steps import named
from portal.web.filters import day

_MOST_NAMED = 4


def shown(who: Actor, calendar: Calendar, draft: Draft | None) -> dict[str, Any]:
    """What the page says about the load: numbers of the days, sentences, a proposal, and what a draft changes."""
    found = window_load.load_of(calendar)
    days = [calendar.first + timedelta(days=n) for n in range(calendar.days)]
    return {
        "days": [(date, n, found.is_crowded(date)) for date, n in zip(days, found.people, strict=True)],
        "most": found.most,
        "crowds": [_crowd(crowd) for crowd in found.crowds],
        "proposal": _proposal(found.proposal) if found.proposal and draft is None else None,
        "look": _look(found.proposal) if found.proposal and draft is None else None,
        "change": _change(window_load.load_of(windows.calendar_of(who)), found) if draft else None,
    }


def _named(place: PlaceWindows) -> Markup:
    if place.is_province:
        return Markup.escape(_("省直属学校"))
    return Markup('<span lang="zh-CN">{}</span>').format(place.name)


def _crowd(crowd: CrowdedDays) -> Markup:
    places = Markup(_("、")).join(_named(place) for place in crowd.places[:_MOST_NAMED])
    if len(crowd.places) > _MOST_NAMED:
        places = named(_("%(places)s等 %(n)s 个地方"), places=places, n=Markup(len(crowd.places)))
    when = day(crowd.first)
    if crowd.last > crowd.first:
        is_same_month = crowd.last.month == crowd.first.month and not english()
        last = _("%(n)s 日", n=crowd.last.day) if is_same_month else day(crowd.last)
        when = _("%(first)s至 %(last)s", first=when, last=last)
    values = {"days": bold(when), "n": Markup.escape(people(crowd.most)), "places": places}
    return named(_("%(days)s会挤，一天最多 %(n)s：%(places)s碰在一起。"), **values)


def _proposal(found: Proposal) -> Markup:
    what = {"export": _("打印"), "entry": _("录入")}[found.switch]
    days = ngettext("%(num)d 天", "%(num)d 天", abs(found.days))
    values = {"place": _named(found.place), "what": Markup.escape(what), "days": Markup.escape(days)}
    values["n"] = Markup.escape(people(found.most))
    if found.days > 0:
        return named(_("%(place)s的%(what)s往后挪 %(days)s，一天最多就降到 %(n)s。"), **values)
    return named(_("%(place)s的%(what)s往前挪 %(days)s，一天最多就降到 %(n)s。"), **values)


def _look(found: Proposal) -> str:
    """The address that shows the proposal without saving it."""
    typed: dict[str, Any] = {}
    for switch, (first, last) in found.draft.days.items():
        typed |= {f"{switch}-first": first.isoformat(), f"{switch}-last": last.isoformat()}
    return url_for("staff.windows", place=found.draft.place_id, look=1, **typed)


def _change(kept: Load, drafted: Load) -> str:
    """What the draft does to the fullest day."""
    now, then = people(kept.most), people(drafted.most)
    if drafted.most < kept.most:
        return _("照这样，一天最多 %(then)s，现在是 %(now)s。", then=then, now=now)
    if drafted.most > kept.most:
        return _("照这样更挤，一天最多 %(then)s，现在是 %(now)s。", then=then, now=now)
    return _("照这样，一天最多还是 %(now)s。", now=now)
