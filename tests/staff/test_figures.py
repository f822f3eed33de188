"""The figures page: opens level by level as page and as part, and each number leads to its list."""

from __future__ import annotations

import pytest

from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures
from portal.staff import figure_rows
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def province(make: Make) -> Make:
    make.sheet(SheetState.RECEIVED)
    make.sheet(SheetState.EXPECTED)
    make.sheet(pupil=make.pupil(make.class_(make.school("2199000002", "市直属小学", make.prefecture()))))
    figures.fold_all()
    make.user(Role.REGISTRAR, make.province(), "province")
    return make


@pytest.mark.parametrize("english", [False, True])
def test_sentence_comes_before_the_table(browser: Browser, province: Make, english: bool) -> None:
    if english:
        browser.english()
    browser.sign_in("province", PASSWORD)
    page = browser.get("/staff/figures")
    lead = page.all("p.lead")[0].get_text()
    assert "1" in lead
    assert "2" in lead
    assert page.html.index('class="lead"') < page.html.index("<table")


def test_rows_open_without_scripts_and_as_a_part(browser: Browser, province: Make) -> None:
    browser.sign_in("province", PASSWORD)
    opener = browser.get("/staff/figures").all("a.name[aria-expanded=false]")[0]
    page = browser.get(str(opener["href"]))
    assert page.all("a.name[aria-expanded=true]")
    assert "试验一区" in page.text
    part = browser.get(str(opener["href"]), part=True)
    assert not part.soup.find("html")
    assert "试验一区" in part.text


def test_many_open_rows_are_written_some_at_a_time(
    browser: Browser, province: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_rows, "AT_ONCE", 2)
    browser.sign_in("province", PASSWORD)
    opened = f"open={province.prefecture().code},{province.county().code}"
    first = browser.get(f"/staff/figures?{opened}")
    assert len(first.all(".tree tbody td a")) == 2 * len(figure_rows.MEASURES_SHOWN)
    more = first.all(".tree .more a")[0]
    assert "3" in more.get_text()
    second = browser.get(str(more["href"]))
    names = [th.get_text() for th in second.all(".tree tbody th .name")]
    assert len(names) == 4
    closing = second.all("a.name[aria-expanded=true]")[0]
    assert "rows=4" in str(closing["href"]), "a toggled row stays among the written ones"


def test_every_number_leads_to_a_list_of_that_length(browser: Browser, province: Make) -> None:
    browser.sign_in("province", PASSWORD)
    places = f"open={province.prefecture().code},{province.county().code}"
    for link in browser.get(f"/staff/figures?{places}").all(".tree td a"):
        number = int(link.get_text().replace(",", ""))
        page = browser.get(str(link["href"]))
        assert len(page.all("tbody tr")) == number, link["href"]


@pytest.mark.parametrize("english", [False, True])
def test_list_shows_masked_names_and_what_is_missing(browser: Browser, province: Make, english: bool) -> None:
    if english:
        browser.english()
    browser.sign_in("province", PASSWORD)
    page = browser.get(f"/staff/figures/{province.school().id}/received?missing=1")
    assert len(page.all("tbody tr")) == 1
    assert "＊" in page.text


def test_unknown_measure_does_not_exist(browser: Browser, province: Make) -> None:
    browser.sign_in("province", PASSWORD)
    browser.get(f"/staff/figures/{province.school().id}/nonsense", status=404)


def test_without_a_round_the_page_says_so(browser: Browser, make: Make) -> None:
    make.user(Role.REGISTRAR, make.province(), "province")
    browser.sign_in("province", PASSWORD)
    assert "没有在做的核查" in browser.get("/staff/figures", status=409).text
