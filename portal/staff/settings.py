"""Settings of a place: what holds, who set it, and for authorities one save (P8, G8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from portal.rules.access import Action, may
from portal.rules.items import GROUPS, ITEMS
from portal.rules.networks import NOWHERE, BadNetwork, parse
from portal.rules.place_settings import (
    CONTROLLABLE,
    CONTROLLED,
    LOW_RISK,
    ONE_BY_ONE,
    PRINT_NETWORKS,
    SEATS,
    SETTINGS,
    Setting,
    Value,
    may_set,
)
from portal.services import place_settings
from portal.services.place_settings import BadSetting, Origin, Standing
from portal.staff import evidence_settings, screens
from portal.staff.round_steps import named
from portal.web import guard
from portal.web.address import client_address
from portal.web.errors import words
from portal.web.filters import day
from portal.web.guard import does
from portal.web.page import go, page


@dataclass(frozen=True)
class Shown:
    """One setting on the page: what holds, who tightened it, and what stands in its field."""

    setting: Setting
    standing: Standing
    words: str
    origins: tuple[Markup, ...]
    typed: str
    error: str | None = None


@screens.get("/settings")
@does(Action.SEE_SETTINGS)
def manage_settings() -> Response:
    """Every setting as it stands here."""
    return _settings()


@screens.post("/settings")
@does(Action.SET_SETTINGS)
def manage_set_settings() -> Response:
    """Save what the form held; what it did not hold stays as it is."""
    wanted: dict[str, Value | None] = {}
    try:
        for code in request.form.getlist("setting"):
            if code in SETTINGS:
                wanted[code] = _typed(SETTINGS[code])
        changed = place_settings.save(guard.actor(), wanted)
    except BadSetting as refusal:
        return _settings(refusal.code, words(refusal))
    except BadNetwork as bad:
        return _settings(PRINT_NETWORKS, _("“%(text)s”不是网络地址。请写成 10.20.0.0/16 这样。", text=bad.text[:60]))
    return go("staff.manage_settings", saved=len(changed))


def _typed(setting: Setting) -> Value | None:
    """What the form says; None stands for "as above"."""
    if setting.kind == "items":
        return tuple(request.form.getlist(setting.code))
    if setting.kind == "switch":
        return None if request.form.get(setting.code) else False
    if setting.kind in evidence_settings.KINDS:
        return evidence_settings.typed(setting)
    if setting.kind == "networks":
        return parse(request.form.get(setting.code, ""))
    text = request.form.get(setting.code, "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _settings(wrong: str | None = None, error: str | None = None) -> Response:
    who = guard.actor()
    standings = place_settings.standings_of(who.path)
    shown = [_shown(SETTINGS[code], standing, wrong, error) for code, standing in standings.items()]
    return page(
        "staff/settings.html",
        status=400 if error else 200,
        items=next(one for one in shown if one.setting.code == CONTROLLED),
        single=next(one for one in shown if one.setting.code == ONE_BY_ONE),
        single_groups=_groups(standings[ONE_BY_ONE], LOW_RISK),
        networks=next(one for one in shown if one.setting.kind == "networks"),
        address=client_address(),
        numbers=[one for one in shown if one.setting.kind == "number" and one.setting.code != SEATS],
        seats=next(one for one in shown if one.setting.code == SEATS),
        shares=[one for one in shown if one.setting.kind == "percent"],
        switches=[one for one in shown if one.setting.kind == "switch"],
        groups=_groups(standings[CONTROLLED], CONTROLLABLE),
        may_set=may(who, Action.SET_SETTINGS) and may_set(who.level),
        may_set_networks=may(who, Action.SET_SETTINGS) and may_set(who.level, PRINT_NETWORKS),
        saved=request.args.get("saved", type=int),
        error=error,
        wrong=wrong,
        **evidence_settings.values_of(who, shown, standings),
    )


def _shown(setting: Setting, standing: Standing, wrong: str | None, error: str | None) -> Shown:
    typed = "" if standing.own is None else str(standing.own)
    if setting.kind == "networks":
        typed = "\n".join(standing.own) if isinstance(standing.own, tuple) else ""
    if wrong is not None and setting.kind in ("number", "percent", "networks"):
        typed = request.form.get(setting.code, "")
    origins = tuple(_origin(setting, origin) for origin in standing.origins)
    mine = error if setting.code == wrong else None
    return Shown(setting, standing, _words(setting, standing.value), origins, typed, mine)


def _words(setting: Setting, value: Value) -> str:
    """A value in words: how many items, how many pupils, on or off, which networks."""
    if setting.kind == "networks" and isinstance(value, tuple):
        return _("哪里都不能打印") if value == NOWHERE else " ".join(value) or _("不限制")
    if setting.kind in evidence_settings.KINDS:
        return evidence_settings.said(setting, value)
    if isinstance(value, tuple):
        return _("%(n)s 项", n=len(value)) if value else _("没有")
    if setting.kind == "switch":
        return _("在用") if value else _("关着")
    if setting.kind == "percent":
        return f"{value}%"
    return _("%(n)s 人", n=value)


def _origin(setting: Setting, origin: Origin) -> Markup:
    """Who set what and when, for the reader to ask."""
    values = {"value": escape(_words(setting, origin.value)), "day": escape(day(origin.at))}
    text = _("%(place)s定的：%(value)s（%(person)s，%(day)s）")
    return named(text, place=origin.place, person=origin.person, **values)


def _groups(standing: Standing, items: tuple[str, ...]) -> list[dict[str, Any]]:
    """The items an authority may tick, by group, with which are ticked and which come from above."""
    lang = "en" if str(get_locale()) == "en" else "zh"
    held, above = set(standing.value), set(standing.above)  # type: ignore[arg-type]
    if request.method == "POST":
        held = above | set(request.form.getlist(standing.code))
    found: dict[str, list[tuple[str, str, bool, bool]]] = {}
    for code in items:
        item = ITEMS[code]
        found.setdefault(item.group, []).append((code, item.name(lang), code in held, code in above))
    return [
        {"name": GROUPS[group].name(lang), "items": rows, "count": sum(row[2] for row in rows)}
        for group, rows in found.items()
    ]
