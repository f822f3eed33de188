"""The calendar of windows through the browser: the province sets, others read what concerns them (A1-A3, R130)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from portal.models import Switch, Window, db
from portal.rules.clock import now, today
from portal.rules.roles import Role
from tests.make import PASSWORD, Make
from tests.pages import Browser


def days(first: date, last: date, switch: str = "export") -> dict[str, str]:
    return {f"{switch}-first": first.isoformat(), f"{switch}-last": last.isoformat()}


def test_the_province_sees_every_prefecture_and_its_own_schools(browser: Browser, make: Make) -> None:
    make.prefecture()
    other = make.prefecture("990200", "试验二市教育局")
    make.window()
    make.window(switch=Switch.ENTRY, opens=now() + timedelta(days=2))
    make.window(place=other, opens=now() - timedelta(days=9), closes=now() - timedelta(days=2))
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    page = browser.get("/staff/windows")
    heads = [th.get_text(" ", strip=True) for th in page.all("tbody th")]
    assert [head.split()[0] for head in heads] == ["试验市", "试验二市", "省直属学校"]
    assert len(page.all(".window.export")) == 2, "the bar and the legend"
    assert len(page.all("tbody .window.planned")) == 1
    assert "已关" in page.text
    assert "还没有安排" in page.text


def test_setting_and_moving_days(browser: Browser, make: Make) -> None:
    place = make.prefecture()
    make.round()
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    browser.post(f"/staff/windows/{place.id}", days(today(), today() + timedelta(days=3)))
    window = db.session.scalars(select(Window)).one()
    assert window.switch == Switch.EXPORT
    assert window.closes_at - window.opens_at == timedelta(days=4), "both days are whole"
    page = browser.get(f"/staff/windows?place={place.id}")
    assert page.all("#export-first")[0]["value"] == today().isoformat()
    browser.post(f"/staff/windows/{place.id}", {"close": "export"})
    db.session.refresh(window)
    assert window.closes_at <= now()


def test_what_is_wrong_with_the_days_is_said_beside_them(browser: Browser, make: Make) -> None:
    place = make.prefecture()
    make.round()
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    address = f"/staff/windows/{place.id}"
    assert "之后" in browser.post(address, days(today(), today() - timedelta(days=1)), status=400).text
    half = browser.post(address, {"entry-first": today().isoformat()}, status=400)
    assert half.all("#entry-last-error")
    garbage = browser.post(address, days(today(), today()) | {"entry-first": "soon"}, status=400)
    assert garbage.all("#entry-first-error")
    assert "还没有定日期" in browser.post(address, {"open": "entry"}, status=400).text
    assert db.session.scalars(select(Window)).all() == []
    browser.post(address, {"open": "nothing"}, status=404)


def test_others_read_only_what_concerns_them(browser: Browser, make: Make) -> None:
    other = make.prefecture("990200", "试验二市教育局")
    make.window(place=other)
    make.window()
    for role, place in ((Role.REGISTRAR, make.county()), (Role.REGISTRAR, make.school()), (Role.LEADER, make.school())):
        browser.sign_in(make.user(role, place).login, PASSWORD)
        page = browser.get("/staff/windows")
        assert "试验市" in page.text
        assert "试验二市" not in page.text
        assert not page.all("main form")
        browser.post(f"/staff/windows/{other.id}", days(today(), today()), status=403)
        browser.post("/sign-out")


def test_a_school_run_by_the_province_reads_its_own_row(browser: Browser, make: Make) -> None:
    make.window(place=make.province())
    make.window()
    school = make.school("2199000009", "省直属试验小学", parent=make.province())
    browser.sign_in(make.user(Role.REGISTRAR, school).login, PASSWORD)
    page = browser.get("/staff/windows")
    assert "省直属学校" in page.text
    assert not [th for th in page.all("tbody th") if "试验市" in th.get_text()]


def test_in_english(browser: Browser, make: Make) -> None:
    make.window()
    browser.english()
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    browser.get("/staff/windows")
    browser.post(f"/staff/windows/{make.prefecture().id}", {"entry-first": today().isoformat()}, status=400)
