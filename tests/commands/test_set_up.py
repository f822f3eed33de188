"""`portal set-up`, as typed on an empty database: what it says, what it refuses, and that the people can work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

import portal
from portal import commands
from portal.models import Place, Round, User, db
from portal.rules.clock import today
from portal.rules.roles import Role
from portal.services import accounts
from tests.make import PASSWORD, Make
from tests.pages import Browser

PLACES = """level,code,name,parent_code,phone,stages
province,990000,试验省教育厅,,010-00000001,
prefecture,990100,试验市教育局,990000,,
county,990101,试验一区教育局,990100,,
school,2199000001,试验市第一小学,990101,010-00000000,1
"""
ACCOUNT = ("account", "--place", "990000", "--role", "registrar", "--name", "郑小总")
ROUND = ("round", "--province", "990000", "--title", "春季核查")


class Shell:
    """Runs commands as typed; keeps status and both outputs of the last one."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys, self.file = capsys, folder / "places.csv"

    def __call__(self, *words: str) -> int:
        db.session.rollback()
        status = commands.main(["set-up", *words])
        self.out, self.err = self.capsys.readouterr()
        return status

    def places(self, text: str = PLACES) -> int:
        self.file.write_text(text, encoding="utf-8")
        return self("places", str(self.file))


@pytest.fixture
def shell(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.setattr(portal, "create_app", lambda: app)
    return Shell(capsys, tmp_path)


def stored() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Place, User, Round)]


def days(first: int, last: int) -> tuple[str, ...]:
    return ("--begins", f"{today() + timedelta(days=first)}", "--ends", f"{today() + timedelta(days=last)}")


def test_the_first_day(shell: Shell, browser: Browser) -> None:
    """Places, a round and a person, who signs in, must change the password and then sees the figures."""
    assert shell.places() == 0
    assert shell.out == "4 made, 0 updated, 0 unchanged\n"
    assert shell(*ROUND, *days(-1, 30)) == 0
    assert "0 sheets expected" in shell.out
    assert shell(*ACCOUNT) == 0
    words = [line.split()[-1] for line in shell.out.splitlines()]
    assert words[0] == "990000-registrar"
    assert browser.sign_in(*words).location == "/password"
    assert browser.get("/staff/figures", status=302).location == "/password"
    new = "six calm rivers at noon"
    browser.post("/password", {"old": words[1], "new": new})
    assert "试验省 0 0" in browser.get("/staff/figures").text
    assert browser.sign_in(words[0], new).location != "/password"


def test_twice_is_once(shell: Shell) -> None:
    shell.places()
    assert shell.places(PLACES.replace("第一小学", "中心小学")) == 0
    assert shell.out == "0 made, 1 updated, 3 unchanged\n"
    assert stored() == [4, 0, 0]


def test_each_bad_row_is_a_line_and_nothing_is_stored(shell: Shell) -> None:
    assert shell.places(PLACES + "county,990177,没有区,990100,,\nschool,1,短码,990101,,\n") == 1
    rows = [line.partition(":")[0] for line in shell.err.splitlines()]
    assert rows == ["row 6", "row 7"]
    assert shell.out == ""
    assert stored() == [0, 0, 0]


def test_many_bad_rows_are_cut_short(shell: Shell) -> None:
    assert shell.places(PLACES + "town,1,镇,990101,,\n" * 40) == 1
    assert shell.err.splitlines()[-1] == "... 10 more"
    assert len(shell.err.splitlines()) == 31


@pytest.mark.parametrize(
    "words",
    [
        ("places", "missing.csv"),
        (*ACCOUNT[:2], "990199", *ACCOUNT[3:]),
        (*ACCOUNT[:4], "teacher", *ACCOUNT[5:]),
        (*ACCOUNT[:6], " "),
        (*ACCOUNT, "--login", "a b"),
        (*ROUND, "--begins", "1.3.2026", "--ends", "2026-06-30"),
        (*ROUND, "--begins", "2026-06-30", "--ends", "2026-03-01"),
        (*ROUND, *days(0, 9), "--kind", "some"),
        (*ROUND, *days(0, 9), "--cut-off", "soon"),
        ("round", "--province", "990100", "--title", "x", *days(0, 9)),
        ("round", "--province", "97", "--title", "x", *days(0, 9)),
    ],
)
def test_bad_input_is_one_line(shell: Shell, words: tuple[str, ...]) -> None:
    shell.places()
    assert shell(*words) == 1
    assert shell.out == ""
    assert shell.err.startswith("portal: ")
    assert shell.err.count("\n") == 1
    assert stored() == [4, 0, 0]


def test_a_second_round_at_the_same_time(shell: Shell) -> None:
    shell.places()
    assert shell(*ROUND, *days(0, 9)) == 0
    assert shell(*ROUND, *days(9, 20)) == 1
    assert "春季核查" in shell.err
    assert stored() == [4, 0, 1]


def test_help_from_the_machine_for_whom_nobody_above_can_help(shell: Shell, make: Make) -> None:
    """sec-A46: a first password that must be replaced, or no second step; never a chosen password."""
    user_id = make.user(Role.REGISTRAR, make.province(), login="top").id
    token = accounts.sign_in("top", PASSWORD)
    assert shell("reset", "--login", "TOP") == 0
    actor = accounts.actor_of(accounts.sign_in("top", shell.out.split()[-1]))
    assert actor is not None
    assert actor.must_change
    assert accounts.actor_of(token) is None
    assert db.session.get_one(User, user_id).first_password is None
    assert shell("reset", "--login", "top", "--second") == 0
    assert "no second step" in shell.out
    assert shell("reset", "--login", "nobody") == 1
    assert "没有这个账号" in shell.err
