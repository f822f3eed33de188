"""The leader's queue on screen: what is listed, decided for ten minutes, taken back, and what comes back by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine

from portal.models import Decision, Sheet, User, db
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.rules.undoing import UNDO_FOR
from portal.rules.workflow import SheetState
from portal.services import decisions
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.photographs import arrive, leaf_of


@pytest.fixture
def clock() -> Iterator[Callable[[timedelta], None]]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock.shift


@pytest.fixture(params=["zh", "en"])
def leader(clock: object, browser: Browser, make: Make, request: pytest.FixtureRequest) -> Browser:
    make.round()
    browser.sign_in(make.user(Role.LEADER, make.school(), "leader").login, PASSWORD)
    return browser.english() if request.param == "en" else browser


def waiting(make: Make, *items: str, state: SheetState = SheetState.CHECKED) -> Sheet:
    sheet = make.sheet(state, written=len(items))
    for item in items:
        new_change(sheet, item)
    db.session.commit()
    return sheet


def boxes(page: Page) -> dict[str, bool]:
    return {box["value"]: box.has_attr("checked") for box in page.all("input[type=checkbox][name=sheet]")}


def value(sheet: Sheet) -> str:
    return f"{sheet.id.hex}:{sheet.version}"


def state_of(sheet: Sheet) -> SheetState:
    db.session.expire_all()
    return db.session.get_one(Sheet, sheet.id).state


def test_nothing_waits_says_so(leader: Browser) -> None:
    assert leader.get("/staff/queue").all(".empty")
    assert leader.get("/staff/queue?show=decided").all(".empty")
    assert leader.get("/staff/queue?show=%00").all(".empty")


def test_what_has_changes_is_open_and_what_has_none_is_ticked(leader: Browser, make: Make) -> None:
    plain, changed = waiting(make), waiting(make, "phone", "id_number")
    page = leader.get("/staff/queue")
    assert boxes(page) == {value(changed): False, value(plain): True}
    assert [tile.b.get_text() for tile in page.all(".tile")] == ["2", "0", "0"]
    assert len(page.all("table.change tbody tr")) == 2
    assert page.all("a.queue[aria-current]")[0]["href"].endswith(str(changed.id))
    assert leader.get(f"/staff/queue/{plain.id}").all("textarea[name=opinion]")


def test_several_are_decided_at_once_and_taken_back_at_once(leader: Browser, make: Make) -> None:
    sheets = [waiting(make), waiting(make, "phone")]
    leader.post("/staff/queue/pass", {"sheet": [value(sheet) for sheet in sheets]})
    page = leader.get("/staff/queue?show=pass")
    assert boxes(page) == {}
    undo = page.all("form.notice")[0]
    taken = [field["value"] for field in undo.select("input[name=sheet]")]
    assert set(taken) == {sheet.id.hex for sheet in sheets}
    assert len(leader.get("/staff/queue?show=decided").all("form input[name=sheet]")) == 4
    leader.post(undo["action"], {"sheet": taken})
    assert len(boxes(leader.get("/staff/queue"))) == 2
    assert {state_of(sheet) for sheet in sheets} == {SheetState.CHECKED}


def test_one_after_the_other_with_an_opinion(leader: Browser, make: Make, clock: Callable[[timedelta], None]) -> None:
    first, second, third = waiting(make, "phone", "email", "address"), waiting(make, "phone", "email"), waiting(make)
    address = "/staff/queue/{}/decide"
    answer = leader.post(address.format(first.id), {"decision": "yes", "version": first.version})
    assert answer.location.endswith(f"/staff/queue/{second.id}")
    page = leader.post(address.format(second.id), {"decision": "no", "version": second.version, "opinion": " "}, 400)
    assert page.all("[data-errors]")
    assert page.all("textarea[aria-invalid=true]")
    answer = leader.post(
        address.format(second.id), {"decision": "no", "version": second.version, "opinion": "请补签名"}
    )
    assert answer.location.endswith(f"/staff/queue/{third.id}")
    assert "请补签名" in leader.get("/staff/queue?show=decided").text
    clock(UNDO_FOR)
    decisions.carry_out_due()
    assert [state_of(sheet) for sheet in (first, second, third)] == [
        SheetState.PASSED,
        SheetState.ISSUED,
        SheetState.CHECKED,
    ]


def test_the_journal_of_a_class_is_signed_off_together(
    leader: Browser, make: Make, clock: Callable[[timedelta], None]
) -> None:
    """G6, X10: item, old, new, who, when and the sheet; own entries wait for somebody else (R88)."""
    typed, own, plain = (waiting(make, *i, state=SheetState.ENTERED) for i in (("phone",), ("postcode",), ()))
    _entered(typed, "15400001234", make.user(Role.OPERATOR, make.school(), name="吴录入").id)
    _entered(own, "999000", _user("leader"))
    page = leader.get("/staff/queue")
    assert page.all("a.queue[aria-current]")[0]["href"].endswith(f"/staff/queue/journal/{typed.class_id}")
    page = leader.get(f"/staff/queue/journal/{typed.class_id}")
    assert "15400001234" in [value.get_text() for value in page.all(".journal td b")]
    assert "吴录入" in page.text
    disabled = page.all("input[disabled]")
    assert [box["value"] for box in disabled] == [value(own)]
    ticked = [v for v, checked in boxes(page).items() if checked]
    assert set(ticked) == {value(typed), value(plain)}
    assert page.all(".journal td mark"), "the characters that differ are underlined"
    leader.post("/staff/queue/verify", {"sheet": value(own)}, status=400)
    leader.post("/staff/queue/verify", {"sheet": ticked})
    clock(UNDO_FOR)
    decisions.carry_out_due()
    assert [state_of(s) for s in (typed, own, plain)] == [SheetState.VERIFIED, SheetState.ENTERED, SheetState.VERIFIED]


def _user(login: str) -> object:
    return db.session.query(User).filter_by(login=login).one().id


def _entered(sheet: Sheet, text: str, user_id: object) -> None:
    change = sheet.changes[0]
    change.values = change.values | {"entered": text}
    change.outcome, change.entered_by_id, change.entered_at = "accepted", user_id, now()
    db.session.commit()


def test_what_lapsed_is_named_and_waits_again(leader: Browser, make: Make, clock: Callable[[timedelta], None]) -> None:
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
    arrive(sheet, leaf_of(sheet))
    sheet.state = SheetState.CHECKED
    db.session.commit()
    leader.post("/staff/queue/pass", {"sheet": value(sheet)})
    arrive(sheet, leaf_of(sheet), written=("phone",))
    clock(UNDO_FOR)
    decisions.carry_out_due()
    page = leader.get("/staff/queue")
    assert "林＊试" in page.all(".notice.soon")[0].get_text()
    assert list(boxes(page).values()) == [False], "it is looked at again before it is ticked"


def test_old_screens_and_nonsense_decide_nothing(leader: Browser, make: Make) -> None:
    sheet = waiting(make)
    old = value(sheet)
    sheet.cause = "away"
    db.session.commit()
    leader.post("/staff/queue/pass", {"sheet": old}, status=409)
    leader.post("/staff/queue/pass", {"sheet": sheet.id.hex}, status=404)
    leader.post("/staff/queue/pass", {"sheet": "x:1"}, status=404)
    leader.post("/staff/queue/pass", status=400)
    leader.post(f"/staff/queue/{sheet.id}/decide", {"decision": "yes", "version": "x"}, status=409)
    leader.post("/staff/queue/undo", {"sheet": sheet.id.hex}, status=409)
    assert db.session.query(Decision).count() == 0


def test_the_sheet_of_another_school_does_not_exist(leader: Browser, make: Make) -> None:
    school = make.school("2199000002", "试验市第二小学")
    other = make.sheet(SheetState.CHECKED, make.pupil(make.class_(school)))
    leader.get(f"/staff/queue/{other.id}", status=404)
    leader.get(f"/staff/queue/journal/{other.class_id}", status=404)
    leader.post("/staff/queue/pass", {"sheet": value(other)}, status=404)
    leader.post(f"/staff/queue/{other.id}/decide", {"decision": "yes", "version": other.version}, status=404)


def test_of_an_entered_sheet_the_wrong_item_is_named(
    leader: Browser, make: Make, clock: Callable[[timedelta], None]
) -> None:
    """G9"""
    sheet = waiting(make, "phone", "postcode", state=SheetState.ENTERED)
    page = leader.get(f"/staff/queue/{sheet.id}")
    assert [box["value"] for box in page.all("input[name=wrong][form=decide]")] == ["phone", "postcode"]
    assert page.all("form#decide")
    wrong = {"decision": "no", "opinion": "少一位", "wrong": "phone", "version": sheet.version}
    leader.post(f"/staff/queue/{sheet.id}/decide", wrong)
    assert not leader.get(f"/staff/queue/{sheet.id}").all("input[name=wrong]"), "decided"
    clock(UNDO_FOR)
    assert decisions.carry_out_due() == 1
    db.session.expire_all()
    reasons = {change.item: change.reason for change in db.session.get_one(Sheet, sheet.id).changes}
    assert reasons == {"phone": "少一位", "postcode": None}
