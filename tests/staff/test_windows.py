"""The calendar of windows through the browser: the province sets, others read what concerns them (A1-A3, R130)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.models import Place, Switch, Window, db
from portal.rules.clock import day_start, now, today
from portal.rules.roles import Role
from portal.services import figures
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
    for end in (date.min, date.max):
        assert "年份" in browser.post(address, days(end, end), status=400).text
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


def crowded(make: Make) -> dict[str, str]:
    """Two prefectures whose entry overlaps within a month of quiet; the second one has not begun. Returns the days of
    the second one, moved until after the first."""
    for code, first, last in (("990100", 1, 6), ("990200", 4, 9)):
        place = make.prefecture(code, f"试验{code}教育局")
        county = make.county(f"{code[:4]}01", f"试验{code}一区教育局") if code == "990100" else place
        for _ in range(4):
            make.sheet(pupil=make.pupil(make.class_(make.school(f"21{code}01", f"试验{code}小学", county))))
        make.window(
            place, Switch.ENTRY, day_start(today() + timedelta(first)), day_start(today() + timedelta(last + 1))
        )
    figures.fold_all()
    return {
        "entry-first": (today() + timedelta(7)).isoformat(),
        "entry-last": (today() + timedelta(12)).isoformat(),
    }


def look(place: Place, typed: dict[str, str]) -> str:
    return f"/staff/windows?place={place.id}&look=1&" + "&".join(f"{name}={value}" for name, value in typed.items())


@pytest.mark.parametrize("english", [False, True])
def test_crowded_days_say_which_places_meet_and_how_to_avoid_it(browser: Browser, make: Make, english: bool) -> None:
    crowded(make)
    if english:
        browser.english()
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    page = browser.get("/staff/windows")
    assert len(page.all("svg.load rect.crowd")) == 3
    assert len(page.all("svg.load rect.part")) == 6
    notice = page.all(".notice.soon")[0]
    assert [name.get_text() for name in notice.select("[lang]")][:2] == ["试验990100", "试验990200"]
    rows = page.all("details tbody tr")
    assert len(rows) == 41, "a row a day"
    assert len([row for row in rows if row.select("td")[1].get_text()]) == 3
    proposed = browser.get(str(notice.select("a")[0]["href"]))
    assert not proposed.all(".notice.soon")
    assert len(proposed.all(".window.draft")) == 1


def test_looking_at_other_days_saves_nothing(browser: Browser, make: Make) -> None:
    typed = crowded(make)
    place = make.prefecture("990200")
    kept = [(w.opens_at, w.closes_at) for w in db.session.scalars(select(Window))]
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    sent = browser.post(f"/staff/windows/{place.id}", typed | {"look": "1"})
    assert sent.location is not None
    page = browser.get(sent.location)
    assert "一天最多 1 人，现在是 2 人" in page.text
    assert page.all("#entry-first")[0]["value"] == typed["entry-first"]
    assert [(w.opens_at, w.closes_at) for w in db.session.scalars(select(Window))] == kept
    browser.post(f"/staff/windows/{place.id}", typed)
    assert [(w.opens_at, w.closes_at) for w in db.session.scalars(select(Window))] != kept


def test_days_that_make_no_window_are_refused_before_looking(browser: Browser, make: Make) -> None:
    typed = crowded(make)
    place = make.prefecture("990200")
    browser.sign_in(make.user(Role.REGISTRAR, make.province()).login, PASSWORD)
    backwards = {"entry-first": typed["entry-last"], "entry-last": typed["entry-first"]}
    assert "之后" in browser.get(look(place, backwards), status=400).text
    assert browser.get(look(place, {"entry-first": "soon"}), status=400).all("#entry-first-error")
    browser.get(look(make.school(), typed), status=404)


def test_only_the_province_sees_the_load(browser: Browser, make: Make) -> None:
    """R130: what is expected elsewhere is nobody's business below."""
    typed = crowded(make)
    browser.sign_in(make.user(Role.REGISTRAR, make.prefecture()).login, PASSWORD)
    for address in ("/staff/windows", look(make.prefecture(), typed)):
        page = browser.get(address)
        assert not page.all("svg.load")
        assert not page.all(".window.draft")
