"""How values are shown: dates, numbers, masks, words of enums. Masking happens before the template sees a value."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, gettext

from portal.rules.applications import ApplicationMove
from portal.rules.clock import local
from portal.rules.masks import mask_name
from portal.rules.step_words import label_of
from portal.rules.words import N_
from portal.rules.workflow import SheetMove, SheetState
from portal.web import page_names
from portal.web.differences import differing
from portal.web.figure_cells import figure_cells


def day(value: date | datetime | None) -> str:
    """6 月 5 日 / 5 June."""
    if value is None:
        return ""
    shown = local(value).date() if isinstance(value, datetime) else value
    if str(get_locale()) == "en":
        return format_date(shown, "d MMMM")
    return f"{shown.month} 月 {shown.day} 日"


def moment(value: datetime | None) -> str:
    """6 月 5 日 19:42 / 5 June 19:42."""
    return f"{day(value)} {format_datetime(value, 'HH:mm')}" if value else ""


def number(value: int) -> str:
    """1,998."""
    return f"{value:,}"


def share(part: int, whole: int) -> float:
    """Part of a whole in percent for a bar's width, never above what was measured and 0 when there is nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


def words(value: Any) -> str:
    """The label of an enum member in the language of the page."""
    return gettext(value.label) if value is not None else ""


def label(state: str) -> str:
    """The word for a stored state of a sheet."""
    return gettext(SheetState(state).label)


MOVES = {
    "STORE_PHOTO": N_("照片收到"),
    "READ_PHOTO": N_("照片读过"),
    "TICK_RETURNED": N_("登记纸已交"),
    "UNTICK_RETURNED": N_("取消纸已交"),
    "SET_CAUSE": N_("登记原因"),
    "RESET_CODE": N_("换注册码"),
    "ADD_CHANGE": N_("加一项改动"),
    "DECIDE": N_("领导决定"),
    "UNDO_DECISION": N_("领导撤回决定"),
    "DECISION_LAPSED": N_("决定没有生效"),
    "REMIND": N_("提醒家长"),
    "LOOK_AT_SAMPLE": N_("抽看有没有写字"),
    "PRINT_CODE_SLIP": N_("打印注册码条"),
}


APPLICATION_STEPS = {
    "DRAFT": N_("起草"),
    "REDRAFT": N_("改草稿"),
    "DECIDE": N_("作了决定"),
    "UNDO_DECISION": N_("撤回决定"),
    "DECISION_LAPSED": N_("决定没有生效"),
    "SEE_APPLICATION_IN_FULL": N_("看了全名全号"),
    "PRINT_SLIP": N_("打印核办单"),
}


def move_label(move: str) -> str:
    """The word for what was done."""
    if move in set(SheetMove):
        return gettext(SheetMove(move).label)
    return gettext(MOVES[move] if move in MOVES else label_of(move))


def application_move(move: str) -> str:
    """The word for what was done with an application."""
    if move in set(ApplicationMove):
        return gettext(ApplicationMove(move).label)
    return gettext(APPLICATION_STEPS[move] if move in APPLICATION_STEPS else label_of(move))


def init(app: Flask) -> None:
    """Register the filters."""
    app.jinja_env.filters.update(day=day, moment=moment, number=number, words=words)
    app.jinja_env.filters.update(label=label, move_label=move_label, mask_name=mask_name, page_name=page_names.words_of)
    app.jinja_env.filters.update(figure_cells=figure_cells, application_move=application_move)
    app.jinja_env.globals.update(share=share, differing=differing)
