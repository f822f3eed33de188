"""Applications on the screens of leader and authority: one by one, several, in full, undone, ended, below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.models import Application, Decision, Place, Step, Switch, db
from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.clock import now
from portal.rules.place_settings import REGISTRAR_REVIEWS
from portal.rules.roles import Actor, Role
from portal.rules.undoing import UNDO_FOR
from portal.services import applications, decisions, granting, place_settings, reviewing
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.services.test_applications import CHANGE, evidence

REVIEWS = "/staff/reviews"
PASS = ApplicationMove.PASS
Later = Callable[[timedelta], None]


@pytest.fixture
def later() -> Iterator[Later]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture
def registrar(later: Later, make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


def signed_in(browser: Browser, make: Make, role: Role, place: Place) -> Browser:
    make.let_in(role)
    browser.sign_in(make.user(role, place).login, PASSWORD)
    return browser


@pytest.fixture
def leader(registrar: Actor, browser: Browser, make: Make) -> Browser:
    make.round()
    make.window(switch=Switch.ENTRY)
    return signed_in(browser, make, Role.LEADER, make.school())


@pytest.fixture
def seat(registrar: Actor, browser: Browser, make: Make) -> Browser:
    return signed_in(browser, make, Role.OPERATOR, make.county())


def sent(registrar: Actor, make: Make, new: str = "林小拭", **items: str) -> Application:
    pupil = make.pupil(name="林小试")
    found = applications.make(registrar, pupil.id, CHANGE, items or {"name": new}, "入学时登记成了同音字")
    evidence(found, registrar)
    return applications.send(registrar, found.id, found.version)


def passed(registrar: Actor, make: Make, **items: str) -> Application:
    found = sent(registrar, make, **items)
    granting.carry_out(make.actor(Role.LEADER, make.school()), found, PASS, "与户口簿一致")
    db.session.commit()
    return found


def decide(browser: Browser, found: Application, side: str, opinion: str = "", status: int = 303, **more: Any) -> Page:
    values = {"decision": "yes", "opinion": opinion, "version": found.version} | more
    return browser.post(f"{REVIEWS}/{found.id}/{side}", values, status)


def state_of(found: Application) -> ApplicationState:
    db.session.expire_all()
    return ApplicationState(db.session.get_one(Application, found.id).state)


def ten_minutes(later: Later) -> None:
    later(UNDO_FOR)
    decisions.carry_out_due()


def test_nothing_waits_says_so(leader: Browser) -> None:
    leader.english()
    for query in (
        "",
        "?show=overdue",
        "?show=decided",
        "?show=ended",
        "?show=%00",
        "?show=ended&month=x",
        "?show=ended&month=0001-01",
        "?show=ended&month=9999-12",
    ):
        assert leader.get(REVIEWS + query).all(".empty")
    assert leader.get("/staff/queue").all(f"a[href='{REVIEWS}']")


def test_the_leader_sees_what_differs_and_agrees(leader: Browser, registrar: Actor, make: Make, later: Later) -> None:
    """H3"""
    found = sent(registrar, make)
    page = leader.get(REVIEWS)
    cells = [cell.get_text() for cell in page.all("table.change td")]
    assert cells == ["林＊试", "林＊拭"]
    assert [mark.get_text() for mark in page.all("table.change mark")] == ["试", "拭"]
    assert "入学时登记成了同音字" in page.text
    assert "林小试" not in page.html
    decide(leader, found, "school")
    assert leader.get(f"{REVIEWS}?show=decided").all("form[action$=undo]")
    ten_minutes(later)
    assert state_of(found) == ApplicationState.WITH_AUTHORITY
    ended = leader.get(f"{REVIEWS}/{found.id}")
    assert not ended.all("#opinion")


def test_a_refusal_needs_its_reason_and_is_read_in_the_next_application(
    leader: Browser, registrar: Actor, make: Make, later: Later
) -> None:
    """H5, R87, R104"""
    found = sent(registrar, make)
    page = decide(leader, found, "school", "  ", 400, decision="no")
    assert page.all("[data-errors] li")
    decide(leader, found, "school", "户口簿照片看不清", decision="no")
    ten_minutes(later)
    assert state_of(found) == ApplicationState.REFUSED_BY_LEADER
    assert "户口簿照片看不清" in leader.get(f"{REVIEWS}/{found.id}").html
    assert leader.get(f"{REVIEWS}?show=ended").all("a.queue")
    anew = applications.again(registrar, found.id)
    applications.send(registrar, anew.id, anew.version)
    shown = leader.get(f"{REVIEWS}/{anew.id}")
    assert "户口簿照片看不清" in shown.all(".notice")[0].get_text()


def test_names_in_full_are_written_down(leader: Browser, registrar: Actor, make: Make) -> None:
    found = sent(registrar, make)
    page = leader.post(f"{REVIEWS}/{found.id}/full", status=200)
    assert [cell.get_text() for cell in page.all("table.change td")] == ["林小试", "林小拭"]
    steps = db.session.scalars(select(Step).where(Step.move == "SEE_APPLICATION_IN_FULL")).all()
    assert [step.thing_id for step in steps] == [found.id]
    assert "林小试" not in leader.get(f"{REVIEWS}/{found.id}").html


def test_several_are_agreed_to_and_what_changed_is_named(
    leader: Browser, registrar: Actor, make: Make, later: Later
) -> None:
    """H4: each line of the list says what is agreed."""
    several = [sent(registrar, make, "林小例"), sent(registrar, make, "林小样"), sent(registrar, make, "林小范")]
    page = leader.get(REVIEWS)
    boxes = [str(box["value"]) for box in page.all("input[name=one][type=checkbox]")]
    assert sorted(boxes) == sorted(f"{one.id.hex}:{one.version}" for one in several)
    assert not page.all("input[name=one][checked]")
    assert "林＊例" in page.all(".rows")[0].get_text()
    leader.post(f"{REVIEWS}/agree", {}, 400)
    leader.post(f"{REVIEWS}/agree", {"one": ["x"]}, 404)
    applications.take_back(registrar, several[0].id, several[0].version)
    told = leader.post(f"{REVIEWS}/agree", {"one": boxes}, 200)
    assert f"{REVIEWS}/{several[0].id}" in [a["href"] for a in told.all(".notice.soon a")]
    ten_minutes(later)
    assert [state_of(one) for one in several] == [
        ApplicationState.DRAFTED,
        ApplicationState.WITH_AUTHORITY,
        ApplicationState.WITH_AUTHORITY,
    ]


def test_what_the_list_does_not_tell_is_not_agreed_to_from_it(leader: Browser, registrar: Actor, make: Make) -> None:
    """H4, H9: a number where there was none is masked, so its line does not say what is agreed."""
    record = make.record(500)
    pupil = make.pupil(name="林小试", id_doc_type="Z", id_number="", student_number="L990101201403120001")
    wanted = {item: record[item] for item in ("id_doc_type", "id_number", "birth_date", "sex")}
    found = applications.make(registrar, pupil.id, CHANGE, wanted)
    evidence(found, registrar)
    applications.send(registrar, found.id, found.version)
    box = leader.get(REVIEWS).all("input[name=one][type=checkbox]")[0]
    assert box.has_attr("disabled")
    leader.post(f"{REVIEWS}/agree", {"one": [str(box["value"])]}, 400)
    assert state_of(found) == ApplicationState.WITH_LEADER
    decide(leader, found, "school")


def test_own_decisions_are_undone(leader: Browser, registrar: Actor, make: Make) -> None:
    several = [sent(registrar, make), sent(registrar, make)]
    leader.post(f"{REVIEWS}/agree", {"one": [f"{one.id.hex}:{one.version}" for one in several]})
    page = leader.get(REVIEWS)
    undo = [str(box["value"]) for box in page.all(".notice input[name=one]")]
    assert len(undo) == 2
    leader.post(f"{REVIEWS}/undo", {"one": undo})
    assert len(leader.get(REVIEWS).all("input[type=checkbox][name=one]")) == 2


def test_a_county_operator_sees_the_reviews_and_nothing_else(
    seat: Browser, registrar: Actor, make: Make, later: Later
) -> None:
    """R102, H4, R105: lands there, decides one at a time, other screens are closed."""
    first, second = passed(registrar, make), passed(registrar, make)
    assert seat.get("/", 302).location == REVIEWS
    page = seat.get(REVIEWS)
    assert [link["href"] for link in page.all("nav.tabs a")] == [REVIEWS]
    assert not page.all("input[type=checkbox]")
    for address in ("/staff/figures", "/staff/queue", f"{REVIEWS}/places", "/staff/applications", "/staff/manage"):
        seat.get(address, 403)
    seat.get("/staff/findings/entries", 403)  # children's names and numbers are the registrar's
    seat.post(f"{REVIEWS}/agree", {"one": [f"{one.id.hex}:{one.version}" for one in (first, second)]}, 403)
    following = decide(seat, first, "authority", "与户口簿一致")
    assert following.location == f"{REVIEWS}/{second.id}"
    ten_minutes(later)
    assert state_of(first) == ApplicationState.GRANTED
    assert first.pupil.record["name"] == "林小拭"


def test_several_at_once_are_refused_for_an_authority_by_the_service(registrar: Actor, make: Make) -> None:
    """H4, R105"""
    from portal.services.refusals import Refusal

    several = [passed(registrar, make), passed(registrar, make)]
    officer = make.actor(Role.OPERATOR, make.county())
    with pytest.raises(Refusal, match="一件一件"):
        reviewing.decide(officer, {one.id: one.version for one in several}, ApplicationMove.GRANT)


def test_what_an_authority_does_not_see(seat: Browser, registrar: Actor, make: Make) -> None:
    """R105: not before the school has agreed; not of a school another authority runs; a school's seat sees nothing."""
    early = sent(registrar, make)
    seat.get(f"{REVIEWS}/{early.id}", 404)
    seat.post(f"{REVIEWS}/{early.id}/full", status=404)
    seat.post(f"{REVIEWS}/{early.id}/authority", {"decision": "yes", "version": early.version}, 404)
    assert not seat.post(f"{REVIEWS}/find", {"text": "林小试"}, 200).all("a.queue")


def test_a_school_operator_does_not_review(browser: Browser, registrar: Actor, make: Make) -> None:
    """R102"""
    found = sent(registrar, make)
    signed_in(browser, make, Role.OPERATOR, make.school())
    for address in (REVIEWS, f"{REVIEWS}/{found.id}"):
        browser.get(address, 403)
    decide(browser, found, "school", status=403)


def test_registrars_review_where_the_province_lets_them_and_never_their_own(
    app: Flask, browser: Browser, registrar: Actor, make: Make
) -> None:
    """X7, R88"""
    found = sent(registrar, make)
    signed_in(browser, make, Role.REGISTRAR, make.school())
    browser.get(REVIEWS, 403)
    decide(browser, found, "school", status=403)
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {REGISTRAR_REVIEWS: True})
    assert browser.get(REVIEWS).all("textarea[name=opinion]")
    assert REVIEWS in browser.get("/staff/manage").links()
    own = evidence(found, registrar)
    own.by_id = db.session.scalars(select(Application.made_by_id)).first()
    db.session.commit()
    decide(browser, found, "school")
    assert db.session.scalars(select(Decision)).one().move == PASS


def test_search_by_name_and_by_school(seat: Browser, registrar: Actor, make: Make) -> None:
    found = passed(registrar, make)
    for text in ("林小试", "2199000001", "第一小"):
        page = seat.post(f"{REVIEWS}/find", {"text": text}, 200)
        assert [a["href"] for a in page.all("main a.queue")] == [f"{REVIEWS}/{found.id}"], text
    for text in ("", "林小", "2199000002", "%%", "第二小学"):
        assert not seat.post(f"{REVIEWS}/find", {"text": text}, 200).all("main a.queue"), text


def test_overdue_after_five_working_days(seat: Browser, registrar: Actor, make: Make, later: Later) -> None:
    found = passed(registrar, make)
    assert seat.get(f"{REVIEWS}?show=overdue").all(".empty")
    found.since = now() - timedelta(days=15)
    db.session.commit()
    page = seat.get(f"{REVIEWS}?show=overdue")
    assert page.all("main a.queue .chip.look")
    assert [count.get_text() for count in page.all(".tile b")] == ["1", "1", "0"]


def test_the_place_above_sees_counts_level_by_level(browser: Browser, registrar: Actor, make: Make) -> None:
    """R105: the province sees how many wait where, decides nothing of the county's, and no pupil is named."""
    sent(registrar, make)
    found = passed(registrar, make)
    signed_in(browser, make, Role.REGISTRAR, make.province())
    page = browser.get(f"{REVIEWS}/places")
    for _ in range(3):
        assert "林" not in page.text
        numbers = [cell.get_text() for cell in page.all("tbody tr")[0].select("td")]
        assert numbers == ["1", "1", "0", "0"]
        page = browser.get(str(page.all("tbody a")[0]["href"]))
    assert browser.get(REVIEWS).all(".empty")
    assert not browser.get(f"{REVIEWS}/{found.id}").all("#opinion")
    decide(browser, found, "authority", status=403)


def test_a_seat_above_sees_nothing_of_the_countys(browser: Browser, registrar: Actor, make: Make) -> None:
    """R102, R105"""
    found = passed(registrar, make)
    signed_in(browser, make, Role.OPERATOR, make.province())
    browser.get(f"{REVIEWS}/{found.id}", 404)
    browser.post(f"{REVIEWS}/{found.id}/full", status=404)
    decide(browser, found, "authority", status=404)


def test_a_failing_number_shows_its_neighbours_only_in_full(leader: Browser, registrar: Actor, make: Make) -> None:
    pupil = make.pupil(name="林小试")
    right = pupil.record["id_number"]
    wrong = right[:16] + str((int(right[16]) + 2) % 10) + right[17]
    from portal.services import pupils

    pupils.keep_record(pupil, pupil.record | {"id_number": wrong})
    found = applications.make(registrar, pupil.id, CHANGE, {"id_number": right}, "抄错了一位")
    evidence(found, registrar)
    applications.send(registrar, found.id, found.version)
    page = leader.get(f"{REVIEWS}/{found.id}")
    assert right not in page.html
    assert not page.all("main details ul mark")
    full = leader.post(f"{REVIEWS}/{found.id}/full", status=200)
    offered = [line.get_text() for line in full.all("main details[open] li span.nowrap")]
    assert right in offered
    assert len(offered) <= 10
    assert full.all("main details[open] li b")
