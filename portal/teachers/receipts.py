"""Checking a receipt a family shows, and the list of a class to compare on paper where there is no network."""

from __future__ import annotations

import io
from datetime import date
from uuid import UUID

from flask import request, send_file
from flask_babel import format_datetime, get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.rules.access import Action
from portal.rules.clock import now, today
from portal.rules.numbers import grouped
from portal.services import receipts, transactions
from portal.services.receipts import Arrived, Checked, ClassDay, Line, ReceiptList, Received
from portal.services.refusals import NotFound, Refusal
from portal.teachers import screens
from portal.web import guard
from portal.web.errors import words
from portal.web.filters import day as day_words
from portal.web.filters import moment
from portal.web.guard import does
from portal.web.page import page

FIRST_DAY = date(2000, 1, 1)


@screens.get("/receipts")
@does(Action.CHECK_RECEIPT)
def receipt_check() -> Response:
    """Type a receipt, or print the list of a class."""
    return _show()


@screens.post("/receipts")
@does(Action.CHECK_RECEIPT)
def check_receipt() -> Response:
    """Whose photo this receipt is of, when it came and what it showed; nothing of it stands in an address."""
    typed = request.form.get("receipt", "")
    try:
        return _show(typed, receipts.check(guard.actor(), typed))
    except Refusal as refusal:
        transactions.undo()
        return _show(typed, error=words(refusal), status=refusal.status)


def _show(typed: str = "", found: Checked | None = None, error: str | None = None, status: int = 200) -> Response:
    classes = receipts.classes_to_choose(guard.actor())
    return page(
        "teachers/receipts.html",
        status=status,
        typed=typed,
        found=found,
        error=error,
        classes=classes,
        today=today(),
    )


@screens.post("/receipts/list")
@does(Action.CHECK_RECEIPT)
def receipt_list() -> Response:
    """A class's receipts of one day as PDF; a post, because each time is written down."""
    who = guard.actor()
    class_id = request.form.get("class_id", type=UUID)
    if class_id is None:
        raise NotFound
    with transactions.reading():  # nobody who writes waits while the pages are laid out
        found = receipts.day_of(who, class_id, _day(request.form.get("day", "")))
        content = _content(found)
    out = io.BytesIO()
    receipts.print_list(who, found, content, out)
    out.seek(0)
    return send_file(out, "application/pdf", as_attachment=True, download_name=_("回执对照单") + f" {found.day}.pdf")


def _day(text: str) -> date:
    """The day that was asked for; today for nonsense, for days to come and for days before there were receipts."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return today()
    return asked if FIRST_DAY <= asked <= today() else today()


def _content(found: ClassDay) -> ReceiptList:
    lead = _(
        "同一张表的回执，前四位总是一样的。家长手机上的前四位和这里的一样，就是这个孩子的、不是编的。"
        "当天收到 %(n)s 张照片。",
        n=found.count,
    )
    foot = _(
        "这张单子只给班主任对照，不要拍照转发，用完撕掉。前四位对、单子上又没有的，是别的日子收到的，有网时再查一遍。"
    )
    return ReceiptList(
        lang="en" if str(get_locale()) == "en" else "zh-Hans",
        title=_("回执对照单 %(day)s", day=day_words(found.day)),
        place=f"{found.school} {found.class_name}",
        at=_("打印于 %(moment)s", moment=moment(now())),
        lead=lead,
        heads=(_("座号"), _("姓名"), _("前四位"), _("这一天收到的回执")),
        lines=[Line(row.seat, row.name, row.word, [_received(one) for one in row.received]) for row in found.rows],
        foot=foot,
    )


def _received(one: Arrived) -> Received:
    return Received(grouped(one.receipt).replace("-", " "), format_datetime(one.at, "HH:mm"), _(one.words))
