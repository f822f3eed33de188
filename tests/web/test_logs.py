"""One JSON line an event, without numbers of people; every request has a number in answer, log and step (sec-A32)."""

from __future__ import annotations

import json
import logging
import re
import time
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Step, db
from portal.rules.roles import Role
from portal.services import refused
from portal.web.logs import JsonLines
from tests.make import PASSWORD, Make
from tests.pages import Browser

NAMES = [
    "张三\r\nERROR 假的一行",
    "\x1b[31m红\x1b[0m\x07",
    "李\u2028四\u2029\x85五\x00",
    "110105201403120014",
    "号码 110105 20140312 001X 和 154 0000 0001",
    "１１０１０５２０１４０３１２００１４",
    "学号G110105201403120014",
    "长" * 1_000_000,
    "1" * 1_000_000,
]


def _line(text: str, error: Exception | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    return JsonLines().format(logging.LogRecord("portal", logging.ERROR, "x.py", 1, "%s", (text,), info))


@pytest.mark.parametrize("text", NAMES, ids=range(len(NAMES)))
def test_whatever_is_logged_is_one_line_without_numbers(app: Flask, text: str) -> None:
    line = _line(text)
    assert len(line.splitlines()) == 1
    assert len(line) < 40_000
    assert line.isascii()
    told = json.loads(line)
    assert set(told) == {"at", "level", "logger", "text"}
    assert not re.search(r"\d{11}", re.sub(r"[ \-]", "", told["text"]))


def test_an_exception_gives_type_and_place_only(app: Flask) -> None:
    try:
        raise ValueError("110105201403120014 张三")
    except ValueError as error:
        told = json.loads(_line("failed", error))["text"]
    assert re.fullmatch(r"failed: ValueError at test_logs\.py:\d+", told)


def test_the_request_has_one_number_in_answer_and_step(make: Make, browser: Browser) -> None:
    user = make.user(Role.TEACHER, make.class_())
    answers = [browser.sign_in(user.login, PASSWORD).answer for _ in range(2)]
    numbers = [answer.headers["X-Request-Id"] for answer in answers]
    steps = list(db.session.scalars(select(Step).where(Step.move == "SIGN_IN").order_by(Step.at)))
    assert [step.request for step in steps] == numbers
    assert len(set(numbers)) == 2
    assert len({step.origin for step in steps}) == 1
    assert "127.0.0.1" not in str(steps[0].origin)


def test_refused_access_is_a_step_and_no_flood(make: Make, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused, "_refusals", refused.Refusals())
    user = make.user(Role.TEACHER, make.class_())
    browser.sign_in(user.login, PASSWORD)
    for _ in range(5):
        browser.get("/staff/settings", status=403)
        browser.get("/class/sheet/00000000-0000-4000-8000-000000000000", status=404)
    query = select(Step).where(Step.move == refused.MOVE).order_by(Step.at)
    steps = list(db.session.scalars(query))
    assert [(step.details["status"], step.details["n"]) for step in steps] == [(403, 1), (404, 1)]
    assert steps[0].by_id == user.id
    later = time.monotonic() + refused.WINDOW + 1
    monkeypatch.setattr(refused, "time", SimpleNamespace(monotonic=lambda: later))
    browser.get("/staff/settings", status=403)
    assert list(db.session.scalars(query))[-1].details["n"] == 5


def test_pages_of_one_person_are_bounded() -> None:
    from uuid import uuid4

    lately, one = refused.Refusals(), uuid4()
    told = [lately.due(one, f"page{n}", 0.0) for n in range(100)]
    assert sum(count is not None for count in told) == 21
    assert lately.due(uuid4(), "page1", 0.0) == 1
