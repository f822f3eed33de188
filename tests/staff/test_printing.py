"""Printing through the browser: choose, watch, fetch, hand out; nothing ticked is the whole class (D1-D5, R94, R96)."""

from __future__ import annotations

from typing import Any, BinaryIO

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import PrintRun, Sheet, User, Window, db
from portal.paper.content import PrintReport
from portal.rules.clock import now
from portal.rules.place_settings import PRINT_NETWORKS
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import place_settings
from portal.web.address import behind_proxy, client_address
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.press import unlock, work


def press_with_findings(sheets: Any, run: Any, out: BinaryIO, key: Any, on_progress: Any = None) -> PrintReport:
    """Stands in for the printer."""
    numbers = []
    for sheet in sheets:
        out.write(b"%PDF ")
        numbers.append(sheet.student_number)
        if on_progress is not None:
            on_progress(len(numbers))
    first = numbers[0]
    cut, missing = [(first, "home_address")], [(first, "name", "〇")]
    return PrintReport(2, [2 * n + 1 for n in range(len(numbers))], 0.1, cut, missing)


@pytest.fixture
def registrar(browser: Browser, make: Make, monkeypatch: pytest.MonkeyPatch) -> User:
    """Signed in, unlocked, the window open, a class of three."""
    monkeypatch.setattr("portal.paper.printing.print_sheets", press_with_findings)
    make.window()
    user = make.user(Role.REGISTRAR, make.school())
    for _ in range(3):
        make.sheet()
    browser.sign_in(user.login, PASSWORD)
    unlock(make, user.home_id, user.id)
    return user


def test_from_the_choice_to_the_hand_out(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    address = browser.post("/staff/print", {"what": "school"}).location
    assert address is not None
    waiting = browser.get(address)
    assert "0 / 3" in waiting.text
    assert waiting.all("#run[hx-get]"), "asks again while it runs"
    work(app)
    part = browser.get(address, part=True)
    assert not part.all("#run[hx-get]")
    assert not part.soup.find("h1")
    page = browser.get(address)
    assert "3 张印好了" in page.text
    assert "〇" in page.text
    assert "太长" in page.text
    file = browser.post(f"{address}/file", status=200)
    assert file.answer.data == b"%PDF " * 3
    assert file.answer.headers["Content-Disposition"].startswith("attachment; filename=2199000001-01.pdf")
    run = db.session.scalars(select(PrintRun)).one()
    browser.post("/staff/hand-out", {"run": run.id.hex})
    assert {s.state for s in db.session.scalars(select(Sheet))} == {SheetState.ISSUED}
    assert "文件删掉了" in browser.get(address).text
    browser.post(f"{address}/file", status=409)
    assert "下发" in browser.get("/staff/print").text


def test_nothing_ticked_prints_the_whole_class(browser: Browser, registrar: User, make: Make) -> None:
    """R96; and the page says so, with every pupil on it."""
    class_ = make.class_()
    for _ in range(45):
        make.sheet(pupil=make.pupil(class_))
    page = browser.get(f"/staff/print?class={class_.id}")
    boxes = page.all("input[name=sheet]")
    assert len(boxes) == 48
    assert "印全班 48 人" in page.text
    assert "＊" in page.text
    browser.post("/staff/print", {"what": "class", "class": class_.id.hex})
    ticked = [str(box["value"]) for box in boxes[:3]]
    browser.post("/staff/print", {"what": "class", "class": class_.id.hex, "sheet": ticked})
    counts = db.session.scalars(select(PrintRun.sheets).order_by(PrintRun.number)).all()
    assert counts == [48, 3]


def test_no_class_ticked_is_asked_about(browser: Browser, registrar: User) -> None:
    page = browser.post("/staff/print", {"what": "classes"}, status=400)
    assert "还没有勾选班级" in page.text
    assert db.session.scalars(select(PrintRun)).all() == []


def test_stopping(app: Flask, browser: Browser, registrar: User) -> None:
    address = browser.post("/staff/print", {"what": "school"}).location
    assert address is not None
    browser.post(f"{address}/cancel")
    assert "什么都没有留下" in browser.get(address).text
    work(app)
    assert {s.state for s in db.session.scalars(select(Sheet))} == {SheetState.EXPECTED}


def test_taking_a_lost_run_out_of_use(app: Flask, browser: Browser, registrar: User) -> None:
    address = browser.post("/staff/print", {"what": "school"}).location
    work(app)
    browser.post(f"{address}/revoke", {"reason": ""}, status=400)
    browser.post(f"{address}/revoke", {"reason": "丢了"})
    browser.post(f"{address}/file", status=409)


def test_handing_out_by_class(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    browser.post("/staff/print", {"what": "school"})
    work(app)
    browser.post("/staff/hand-out", {"class": make.class_().id.hex, "what": "classes"})
    assert {s.state for s in db.session.scalars(select(Sheet))} == {SheetState.ISSUED}


def test_a_closed_window_is_said_and_nothing_starts(browser: Browser, registrar: User, make: Make) -> None:
    """A4, R94."""
    db.session.scalars(select(Window)).one().closes_at = now()
    db.session.commit()
    page = browser.get("/staff/print")
    assert "窗口已经关了" in page.text
    assert not [b for b in page.all("main button") if "打印" in b.get_text()]
    browser.post("/staff/print", {"what": "school"}, status=409)


def test_what_will_not_be_whole_is_named_first(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    make.sheet(pupil=make.pupil(name="林\ue863"))
    address = browser.post("/staff/print", {"what": "school"}).location or ""
    work(app)
    page = browser.get(address)
    assert "还没有印：有 1 处印不全" in page.text
    assert "U+E863" in page.text
    assert not page.all("#run[hx-get]"), "it waits for a person, not for the worker"
    assert "等您看一眼" in browser.get("/staff/print").text
    browser.post(f"{address}/go-on")
    work(app)
    assert "4 张印好了" in browser.get(address).text
    browser.post(f"{address}/go-on", status=409)


def test_what_became_of_the_leaves(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    address = browser.post("/staff/print", {"what": "school"}).location or ""
    work(app)
    again = browser.post("/staff/print", {"what": "school"}).location or ""
    work(app)
    page = browser.get(f"{address}/leaves")
    assert "3 张，后来重印过 3，收到照片 0" in page.text
    assert page.text.count("第 2 批") == 3
    sheet = next(link for link in page.links() if "/sheet/" in link)
    assert "印过 2 次" in browser.get(sheet).text
    browser.get(f"{again}/leaves?class={make.class_(code='2020107', name='六年级（7）班').id}", status=404)


def forwarded(address: str) -> dict[str, dict[str, str]]:
    return {"environ_base": {"HTTP_X_FORWARDED_FOR": address, "REMOTE_ADDR": "127.0.0.1"}}


def test_a_forged_forwarding_header_opens_no_network(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    """D4, sec-A43: without our proxy the address of the connection counts, whatever the client claims."""
    place_settings.save(make.actor(Role.REGISTRAR, make.county()), {PRINT_NETWORKS: ("10.20.0.0/16",)})
    page = browser.get("/staff/print", **forwarded("10.20.0.1"))
    assert "您现在的网络（127.0.0.1）" in page.text
    assert not [b for b in page.all("main button") if "打印" in b.get_text()]
    for claimed in (forwarded("10.20.0.1"), forwarded("10.20.0.1, 127.0.0.1"), {}):
        browser.post("/staff/print", {"what": "school"}, status=403, **claimed)
    inside = {"environ_base": {"REMOTE_ADDR": "10.20.0.9"}}
    address = browser.post("/staff/print", {"what": "school"}, **inside).location or ""
    work(app)
    browser.post(f"{address}/file", status=403, **forwarded("10.20.0.1"))
    browser.post(f"{address}/file", status=200, **inside)


@pytest.mark.parametrize(
    ("header", "seen"),
    [("10.20.0.1", "10.20.0.1"), ("10.20.0.1, 198.51.100.7", "198.51.100.7"), ("", "127.0.0.1")],
)
def test_behind_the_proxy_its_own_entry_counts(header: str, seen: str) -> None:
    """sec-A43: what the client wrote before the proxy's entry is not believed."""
    app = Flask("proxied")
    app.wsgi_app = behind_proxy(app.wsgi_app)  # type: ignore[method-assign]
    app.add_url_rule("/", view_func=lambda: client_address() or "")
    assert app.test_client().get("/", headers={"X-Forwarded-For": header} if header else {}).text == seen


def test_garbage_is_no_run(browser: Browser, registrar: User, make: Make) -> None:
    browser.post("/staff/print", {"what": "classes", "class": "x"}, status=404)
    browser.post("/staff/hand-out", {"class": "x"}, status=404)
    browser.get("/staff/print/00000000-0000-0000-0000-000000000000", status=404)
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    browser.get(f"/staff/print?class={other.id}", status=404)
    browser.post("/staff/print", {"what": "class", "class": other.id.hex}, status=404)


def test_in_english(app: Flask, browser: Browser, registrar: User, make: Make) -> None:
    browser.english()
    address = browser.post("/staff/print", {"what": "school"}).location
    assert address is not None
    browser.get(address)
    work(app)
    browser.get(address)
    browser.get("/staff/print")
    browser.get(f"/staff/print?class={make.class_().id}")
    browser.post("/staff/print", {"what": "classes"}, status=400)
    browser.post("/staff/hand-out", {"run": db.session.scalars(select(PrintRun)).one().id.hex})
    browser.get(address)
