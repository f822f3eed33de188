"""Words and pieces of an import's report in the reader's language; what comes from the file is marked as Chinese."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from portal.rules.items import ITEMS
from portal.rules.problems import message_of
from portal.rules.words import N_
from portal.services import roster_view
from portal.services.roster_pages import ImportView

_HAN = re.compile(r"[\u3400-\u9fff]+")
STATES = {
    "reading": N_("正在读"),
    "preview": N_("看过，还没导入"),
    "confirming": N_("正在导入"),
    "done": N_("已导入"),
    "refused": N_("没有收"),
}
LISTS = ("faults", "changed", "new", "gone", "hints")


def lang() -> str:
    """zh or en."""
    return "en" if str(get_locale()) == "en" else "zh"


def of_file(text: object) -> Markup:
    """A text that comes from the file: Chinese, also on an English page."""
    if lang() == "zh" or str(text).isascii():
        return escape(text)
    return Markup('<span lang="zh-CN">{}</span>').format(text)


def sentence(told: dict[str, Any], full: bool) -> Markup:
    """What is wrong in one cell, in the reader's language."""
    text, values = message_of(roster_view.problem_of(told, masking=not full), lang())
    said = _HAN.sub(lambda run: str(of_file(run[0])), str(escape(_(text))))
    words = Markup(said) % {key: of_file(value) for key, value in values.items()}
    return Markup(words[:1].upper() + words[1:])


def shown(view: ImportView, wanted: str | None, number: int, full: bool) -> dict[str, Any]:
    """What the page shows of a report: which list, which page of it, and the rows of the file around it."""
    report = view.report
    if not report or "refused" in report:
        return {"list": "", "full": full}
    chosen = wanted if wanted in LISTS else next((name for name in LISTS if report[name]), "new")
    entries, here, pages = roster_view.page_of(report[chosen], number)
    found: dict[str, Any] = {"list": chosen, "entries": entries, "here_page": here, "pages": pages, "full": full}
    if chosen in ("faults", "hints"):
        found |= _faults(report, entries, full)
    elif chosen == "changed":
        found["entries"] = [_changed(entry, full) for entry in entries]
    else:
        found["entries"] = [entry if full else roster_view.masked_pupil(entry) for entry in entries]
    return found | {"told_of_file": _told_of_file(report)}


def _faults(report: dict[str, Any], entries: list[dict[str, Any]], full: bool) -> dict[str, Any]:
    lines = [
        {
            "row": told["row"],
            "letter": told["letter"],
            "cell": f"cell-{told['row']}-{told['item']}",
            "item": ITEMS[told["item"]].name(lang()) if told["item"] else "",
            "text": sentence(told, full),
        }
        for told in entries
    ]
    grid = roster_view.grid_of(report, entries, masking=not full)
    names = [ITEMS[item].name_zh for item in grid.items]
    return {"entries": lines, "grid": grid, "names": names, "rows": _rows(grid)}


def _rows(grid: roster_view.Grid) -> list[dict[str, Any]]:
    """The rows of the grid, and words where rows are left out."""
    rows: list[dict[str, Any]] = []
    for row in grid.rows:
        if row.left_out > 0:
            gap = ngettext("中间 %(n)s 行没有列出", "中间 %(n)s 行没有列出", row.left_out, n=f"{row.left_out:,}")
            rows.append({"gap": gap})
        rows.append({"number": row.number, "cells": row.cells})
    return rows


def _changed(entry: dict[str, Any], full: bool) -> dict[str, Any]:
    name, class_no, number = entry["pupil"] if full else roster_view.masked_pupil(entry["pupil"])
    items = [
        (
            ITEMS[item].name(lang()),
            *(roster_view.printed_value(item, text, lang(), masking=not full) for text in (old, new)),
        )
        for item, old, new in entry["items"]
    ]
    return {
        "row": entry["row"],
        "name": name,
        "class_no": class_no,
        "number": number,
        "items": items,
        "bad": entry["bad"],
    }


def _told_of_file(report: dict[str, Any]) -> list[Markup]:
    """What one should know about the file and the classes before deciding."""
    file, told = report["file"], []
    if file["hidden_rows"]:
        told.append(_("有 %(n)s 行是隐藏的，也读进来了。", n=file["hidden_rows"]))
    if file["hidden_columns"]:
        told.append(_("%(columns)s 列是隐藏的，也读进来了。", columns=", ".join(file["hidden_columns"])))
    for letter, text in file["unknown"]:
        told.append(_("%(column)s 列%(name)s不在模板里，没有读。", column=letter, name=_quoted(text)))
    for name in file["other_sheets"]:
        told.append(_("工作表%(name)s没有读。", name=_quoted(name)))
    for code, name in report["new_classes"].items():
        told.append(_("会新建班级%(name)s，班号 %(code)s。", name=_quoted(name), code=code))
    for code, name in report["renamed_classes"].items():
        told.append(_("班号 %(code)s 会改名为%(name)s。", name=_quoted(name), code=code))
    for code, n, limit in report.get("too_large", []):
        told.append(_("班号 %(code)s 有 %(n)s 人，班额是 %(limit)s 人。照样可以导入。", code=code, n=n, limit=limit))
    return [Markup(line) for line in told]


def _quoted(text: str) -> Markup:
    return Markup(" {} ").format(of_file(text)) if text else Markup("")
