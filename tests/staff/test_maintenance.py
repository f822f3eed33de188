"""The screens of changing what needs no authority, and of the leader's look afterwards (G4-G9, R103, X10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from portal.models import Change, Pupil, Sheet, Step, Switch, db
from portal.rules.check_groups import GROUPS
from portal.rules.items import KEY_DATA
from portal.rules.masks import mask_id
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import maintenance, maintenance_states
from portal.services.history import record
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page


@pytest.fixture
def sheet(make: Make, monkeypatch: pytest.MonkeyPatch) -> Sheet:
    """A sheet the leader has passed, in an unlocked school whose entry window is open."""
    make.window(switch=Switch.ENTRY)
    monkeypatch.setattr(maintenance_states, "require_unlocked", lambda *_: None)
    return make.sheet(SheetState.PASSED, make.pupil(name="林小试"))


@pytest.fixture
def operator(browser: Browser, make: Make, sheet: Sheet) -> Browser:
    browser.sign_in(make.user(Role.OPERATOR, make.school()).login, PASSWORD)
    return browser


def address(sheet: Sheet, group: str = "contact") -> str:
    return f"/staff/maintenance/{sheet.pupil_id}/{group}"


def posted(sheet: Sheet, do: str = "save", **values: str) -> dict[str, Any]:
    """A form with these rows open; names are `item__field`."""
    number = db.session.get_one(Pupil, sheet.pupil_id).version
    form: dict[str, Any] = {"do": do}
    for name, value in values.items():
        item, _, field = name.rpartition("__")
        form |= {f"{item}.{field}": value, f"{item}.version": str(number)}
    return form


def kept(sheet: Sheet) -> dict[str, str]:
    db.session.expire_all()
    return db.session.get_one(Pupil, sheet.pupil_id).record


def open_rows(page: Page) -> list[str]:
    return [str(row["id"]).removeprefix("row-") for row in page.all(".item.chosen, .item.wrong")]


def test_a_pupil_is_found_by_class_and_by_name(operator: Browser, sheet: Sheet) -> None:
    start = operator.get("/staff/entry")
    assert "/staff/maintenance" in start.links()
    own = f"/staff/maintenance/{sheet.pupil_id}"
    assert own in operator.get(f"/staff/maintenance?class={sheet.class_id}").links()
    assert own in operator.post("/staff/maintenance", {"name": "林小试"}, status=200).links()
    assert operator.post("/staff/maintenance", {"name": "没有人"}, status=200).all(".empty")
    assert operator.get(own, status=303).location == address(sheet, "basic")


def test_every_group_shows_key_data_without_a_way_to_change_them(operator: Browser, sheet: Sheet) -> None:
    """G5"""
    operator.english()
    for group in GROUPS:
        page = operator.get(address(sheet, group.code))
        keys = [item for item in group.items if maintenance.ITEMS[item].is_key_data]
        assert len(page.all(".item > a.button")) == len(group.items) - len(keys)
        for item in keys:
            assert not page.all(f"#row-{item} > a.button")
            assert page.all(f"#row-{item} a")[0]["href"] == f"/staff/applications/new/{sheet.pupil_id}"
    assert (
        "林小试"
        not in operator.get(address(sheet, "basic") + "?item=name").all("#group")[0].get_text("|").split("|")[0]
    )
    assert open_rows(operator.get(address(sheet, "basic") + "?item=name")) == []
    operator.get(address(sheet, "nothing"), status=404)


def test_rows_open_close_and_are_saved_together(operator: Browser, sheet: Sheet) -> None:
    page = operator.get(address(sheet) + "?item=phone")
    assert open_rows(page) == ["phone"]
    page = operator.post(address(sheet), posted(sheet, "open:email", phone__value="15400001234"), status=200)
    assert open_rows(page) == ["phone", "email"]
    assert page.all("#f-phone")[0]["value"] == "15400001234"
    both = {"phone__value": "154 0000 1234", "email__value": "lin@example.org"}
    assert open_rows(operator.post(address(sheet), posted(sheet, "close:phone", **both), status=200)) == ["email"]
    assert kept(sheet)["phone"] != "15400001234"
    answer = operator.post(address(sheet), posted(sheet, "save", **both))
    assert answer.location is not None
    assert answer.location.endswith("#row-phone")
    assert (kept(sheet)["phone"], kept(sheet)["email"]) == ("15400001234", "lin@example.org")
    page = operator.get(answer.location)
    assert page.all("[role=status]")
    assert len(page.all("#row-phone .chip")) == 1
    assert len(page.all("section ul.lines li")) == 2


def test_key_data_posted_all_the_same_are_refused(operator: Browser, sheet: Sheet) -> None:
    """R103"""
    before, fields = kept(sheet), {"birth_date": {"year": "2014", "month": "3", "day": "2"}}
    for item in KEY_DATA:
        key = {f"{item}__{field}": value for field, value in fields.get(item, {"value": "1"}).items()}
        page = operator.post(
            address(sheet, "basic"), posted(sheet, "save", **key, phone__value="15400001234"), status=400
        )
        assert page.all(".errors")
        assert kept(sheet) == before


def test_a_wrong_value_stays_with_its_sentence_and_nothing_is_saved(operator: Browser, sheet: Sheet) -> None:
    before = kept(sheet)
    form = posted(sheet, postcode__value="12345", phone__value="15400001234")
    page = operator.post(address(sheet), form, status=400)
    assert open_rows(page) == ["phone", "postcode"]
    assert page.all("#row-postcode .error")
    assert [a["href"] for a in page.all(".errors a")] == ["#in-postcode"]
    assert kept(sheet) == before


def test_what_a_change_makes_necessary_opens_beside_it(operator: Browser, sheet: Sheet) -> None:
    """R48: the kind of disability stands in another group of the paper."""
    operator.english()
    form = posted(sheet, health_status__value="50")
    told = operator.post(address(sheet, "basic") + "/try", form, status=200, part=True)
    assert [b["value"] for b in told.all("button")] == ["open:disability_type"]
    page = operator.post(address(sheet, "basic"), form, status=400)
    assert open_rows(page) == ["health_status", "disability_type"]
    assert "Health" in page.all("#row-disability_type .error")[0].get_text()
    operator.post(address(sheet, "basic"), form | posted(sheet, disability_type__value="1"))
    assert (kept(sheet)["health_status"], kept(sheet)["disability_type"]) == ("50", "1")
    none = operator.post(address(sheet, "basic") + "/try", posted(sheet, email__value=""), status=200, part=True)
    assert not none.all("button")


def test_who_comes_second_keeps_what_was_typed(operator: Browser, sheet: Sheet) -> None:
    old = posted(sheet, phone__value="15400001234")
    operator.post(address(sheet), posted(sheet, phone__value="15400009999"))
    page = operator.post(address(sheet), old, status=409)
    assert page.all("#f-phone")[0]["value"] == "15400001234"
    assert kept(sheet)["phone"] == "15400009999"


def test_a_place_is_chosen_step_by_step_and_an_address_copied(operator: Browser, sheet: Sheet) -> None:
    group = address(sheet, "auxiliary")
    page = operator.post(
        group, posted(sheet, "place:household_place_code", household_place_code__province="990000"), 200
    )
    assert len(page.all("#row-household_place_code select")) == 2
    half = posted(sheet, household_place_code__province="990000", household_place_code__prefecture="")
    assert operator.post(group, half, status=400).all("#row-household_place_code .error")
    kept_address = kept(sheet)["current_address"]
    operator.post(address(sheet), posted(sheet, home_address__value="", home_address__same="1"))
    assert kept(sheet)["home_address"] == kept_address


@pytest.mark.parametrize("state", [SheetState.ISSUED, SheetState.CHECKED])
def test_before_the_leader_has_looked_there_is_nothing_to_press(
    operator: Browser, sheet: Sheet, state: SheetState
) -> None:
    """X10"""
    operator.english()
    sheet.state = state
    db.session.commit()
    page = operator.get(address(sheet) + "?item=phone")
    assert page.all("#group .notice")
    assert not page.all("#group .item .button, #group .actions button")
    operator.post(address(sheet), posted(sheet, phone__value="15400001234"), status=409)


def test_the_leader_signs_off_or_sends_back_what_has_no_sheet(
    operator: Browser, make: Make, app: Any, sheet: Sheet
) -> None:
    """X10, G9, R87"""
    sheet.state = SheetState.VERIFIED
    db.session.commit()
    operator.post(address(sheet), posted(sheet, phone__value="15400001234"))
    operator.post(address(sheet), posted(sheet, email__value="lin@example.org"))
    assert db.session.scalar(select(Change)) is None
    leader = Browser(app).english()
    leader.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    assert "/staff/queue/maintenance" in leader.get("/staff/queue").links()
    page = leader.get("/staff/queue/maintenance")
    first, second = (str(box["value"]) for box in page.all("input[type=checkbox]"))
    leader.post("/staff/queue/maintenance", {}, status=400)
    leader.post("/staff/queue/maintenance", {"step": first})
    page = leader.post("/staff/queue/maintenance/back", {"step": second, "reason": " "}, status=400)
    assert page.all("details[open] .error")
    leader.post("/staff/queue/maintenance/back", {"step": second, "reason": "信箱是别人的"})
    leader.post("/staff/queue/maintenance/back", {"step": second, "reason": "信箱是别人的"}, status=409)
    assert leader.get("/staff/queue/maintenance").all(".empty")
    assert "信箱是别人的" in operator.english().get("/staff/maintenance").text
    assert "信箱是别人的" in operator.get(address(sheet)).text


def test_a_guardians_number_is_shown_where_it_differs(operator: Browser, make: Make, app: Any, sheet: Sheet) -> None:
    """Architecture 3: what is masked as it is now is masked as it was, in the group and in the leader's list."""
    sheet.state = SheetState.VERIFIED
    before, after = make.record(700)["id_number"], make.record(801)["id_number"]
    made = new_change(sheet, "guardian1_id_number")
    made.values = made.values | {"printed": before}
    pupil = db.session.get_one(Pupil, sheet.pupil_id)
    told = json.dumps({"guardian1_id_number": [before, after]})
    record(make.actor(Role.REGISTRAR, make.school()), pupil, maintenance.MAINTAIN, pupil.school_id, reason=told)
    db.session.commit()
    leader = Browser(app)
    leader.sign_in(make.user(Role.LEADER, make.school()).login, PASSWORD)
    for page in (operator.get(address(sheet, "guardian-1")), leader.get("/staff/queue/maintenance")):
        assert mask_id(before)[:6] in page.text
        assert before not in page.html
        assert after not in page.html


def test_values_stand_in_no_step_in_the_open(operator: Browser, sheet: Sheet) -> None:
    sheet.state = SheetState.VERIFIED
    db.session.commit()
    operator.post(address(sheet), posted(sheet, phone__value="15400001234"))
    step = db.session.scalars(select(Step).where(Step.move == maintenance.MAINTAIN)).one()
    assert step.details == {"items": ["phone"]}
    assert b"15400001234" not in (step.reason_sealed or b"")
