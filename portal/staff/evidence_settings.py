"""The part of the settings about applications: files taken, the upload, reviewers, kinds per item (X7, X8, X17)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext as _

from portal.rules.access import Action, may
from portal.rules.codes import table
from portal.rules.evidence import DEFAULT_KINDS, as_pairs, from_pairs
from portal.rules.evidence_formats import REGISTRY, WIDE
from portal.rules.items import ITEMS
from portal.rules.place_settings import (
    AUTHORITIES,
    EVERYBODY,
    EVIDENCE_KINDS,
    NOBODY,
    SCHOOLS,
    SECOND_STEP,
    SETTINGS,
    Setting,
    Value,
    may_set,
)
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services.place_settings import Standing
from portal.web.item_inputs import language

KINDS = ("choice", "provincial", "kinds")
_CHOICES = {
    REGISTRY: N_("照学籍系统：JPG、DOC、RAR，每份不超过 2 MB"),
    WIDE: N_("也收 PNG、HEIC、PDF、DOCX，照片自动缩小"),
    EVERYBODY: N_("教育局、学校和班主任"),
    SCHOOLS: N_("教育局和学校，班主任自己定"),
    AUTHORITIES: N_("教育局，学校和班主任自己定"),
    NOBODY: N_("谁都不要（只在试用时）"),
}


def typed(setting: Setting) -> Value | None:
    """What the form says about one of these settings."""
    if setting.kind == "provincial":
        return bool(request.form.get(setting.code))
    if setting.kind == "choice":
        return request.form.get(setting.code) or None
    return as_pairs(from_pairs(request.form.getlist(setting.code)))


def said(setting: Setting, value: Value) -> str:
    """A value in words."""
    if setting.kind == "choice":
        return _(_CHOICES[str(value)])
    if setting.kind == "provincial":
        return _("在用") if value else _("关着")
    return _("和默认的一样") if value == setting.default else _("省里改过")


def values_of(who: Actor, shown: Iterable[Any], standings: dict[str, Standing]) -> dict[str, Any]:
    """What the section shows; `shown` are all settings of the page."""
    by_kind = {kind: [one for one in shown if one.setting.kind == kind] for kind in KINDS}
    return {
        "choices": [one for one in by_kind["choice"] if one.setting.code != SECOND_STEP],
        "second": next(one for one in by_kind["choice"] if one.setting.code == SECOND_STEP),
        "second_options": _not_looser(standings[SECOND_STEP]),
        "may_set_second": may(who, Action.SET_SETTINGS) and may_set(who.level, SECOND_STEP),
        "choice_words": {code: _(text) for code, text in _CHOICES.items()},
        "provincial": by_kind["provincial"],
        "kinds": by_kind["kinds"][0],
        "kind_rows": _kind_rows(standings[EVIDENCE_KINDS]),
        "evidence_types": table("evidence_type"),
        "may_set_provincial": may(who, Action.SET_SETTINGS) and may_set(who.level, EVIDENCE_KINDS),
    }


def _not_looser(standing: Standing) -> tuple[str, ...]:
    """What may be chosen here: the words up to the one that comes from above."""
    options = SETTINGS[standing.code].options
    return options[: options.index(str(standing.above)) + 1]


def _kind_rows(standing: Standing) -> list[tuple[str, str, tuple[str, ...]]]:
    """(item, its name, kinds that are ticked) for each row of the list of evidence."""
    value = request.form.getlist(standing.code) if request.method == "POST" else standing.value
    ticked = from_pairs(value if isinstance(value, (list, tuple)) else ())
    named = {code: ITEMS[code].name(language()) if code in ITEMS else _("别的受控项目") for code in DEFAULT_KINDS}
    return [(code, name, ticked.get(code, ())) for code, name in named.items()]
