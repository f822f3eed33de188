"""Home of a claimed account: steps, verdicts with reasons, photos through the own door, leaving."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest

from portal.models import Guardianship, Leaf, Photo, Sheet, User, db
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import checking, readings
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import arrive, jpeg, seen


@pytest.fixture
def visitor(browser: Browser) -> Browser:
    """In Chinese; one test below reads all screens in English."""
    return browser


@pytest.fixture
def guardian(make: Make, sheet: Sheet) -> User:
    return make.guardian(sheet.pupil)


@pytest.fixture
def family(visitor: Browser, guardian: User) -> Browser:
    assert visitor.sign_in(guardian.phone, PASSWORD).location == "/home"
    return visitor


@pytest.fixture
def own(guardian: User) -> str:
    """The own door to the sheet's photo."""
    one = db.session.query(Guardianship).filter_by(user_id=guardian.id).one()
    return f"/h/{one.id.hex}"


def states(page: object) -> list[str]:
    return [next(c for c in step["class"] if c != "step") for step in page.all("ol.steps > li")]


def test_the_first_thing_to_do_is_to_check(family: Browser) -> None:
    page = family.get("/home")
    assert states(page) == ["now", "todo", "todo"]
    assert [a["href"] for a in page.all("a.button.main")][0].endswith("/check")
    assert family.get("/", status=302).location == "/home"


def test_a_good_photo_ends_the_steps(family: Browser, sheet: Sheet, leaf: Leaf) -> None:
    photo = arrive(sheet, leaf)
    page = family.get("/home")
    assert states(page) == ["done", "done", "done"]
    assert photo.receipt[:4] in page.text
    assert not page.all("a.button.main")


def test_a_photo_without_signature_needs_another(family: Browser, sheet: Sheet, leaf: Leaf, own: str) -> None:
    arrive(sheet, leaf, signed=False)
    page = family.get("/home")
    assert states(page)[1:] == ["needs", "needs"]
    assert [a["href"] for a in page.all("a.button.main")] == [f"{own}/photo"]


def test_what_was_sent_back_says_why(family: Browser, make: Make, sheet: Sheet, leaf: Leaf) -> None:
    arrive(sheet, leaf)
    checking.send_back(make.actor(Role.TEACHER, sheet.class_), sheet.id, sheet.version, "请把电话写全")
    page = family.get("/home")
    assert states(page)[2] == "needs"
    assert "请把电话写全" in page.text


def test_each_change_has_its_verdict_value_and_reason(family: Browser, sheet: Sheet, leaf: Leaf) -> None:
    arrive(sheet, leaf, written=("birth_date", "phone", "name"))
    told = {"birth_date": ("refused", "户口簿上不是"), "phone": ("accepted", None), "name": ("applied_for", None)}
    for change in sheet.changes:
        change.outcome, change.reason = told[change.item]
        change.values = change.values | {"typed": "20140321" if change.item == "birth_date" else None}
    sheet.state = SheetState.ENTERED
    db.session.commit()
    page = family.get("/home")
    assert "户口簿上不是" in page.text
    assert "2014" in page.all(".because")[0].find_parent("li").get_text()
    assert [chip["class"][-1] for chip in page.all("main ul .chip")][0] == "no"
    assert len(page.all("main ul .chip")) == 3


def test_a_photo_through_the_own_door_is_the_guardians(
    family: Browser, guardian: User, leaf: Leaf, own: str, monkeypatch: pytest.MonkeyPatch, app: object
) -> None:
    monkeypatch.setattr(readings, "read_now", lambda photo: readings.keep(photo, seen(leaf)))
    sent = family.post(f"{own}/photo", {"photo": (io.BytesIO(jpeg()), "表.jpg")})
    photo = db.session.query(Photo).one()
    assert (photo.source, photo.by_id) == ("parent", guardian.id)
    again = Browser(app)
    again.sign_in(guardian.phone, PASSWORD)
    page = again.get(sent.location)
    assert page.all("main img")
    assert again.get(page.all("main img")[0]["src"]).answer.content_type == "image/jpeg"
    assert f"/home/{db.session.query(Guardianship).one().id}" in page.links()


def test_the_own_door_is_closed_to_everybody_else(
    browser: Browser, app: object, make: Make, sheet: Sheet, own: str
) -> None:
    assert browser.get(f"{own}/photo", status=302).location.startswith("/sign-in?next=")
    classmate = Browser(app)
    classmate.sign_in(make.guardian(make.pupil(sheet.class_)).phone, PASSWORD)
    classmate.get(f"{own}/photo", status=404)
    classmate.get("/h/" + "z" * 32, status=404)
    teacher = Browser(app)
    teacher.sign_in(make.user(Role.TEACHER, sheet.class_).login, PASSWORD)
    teacher.get(f"{own}/photo", status=404)


def test_a_child_of_another_family_does_not_exist(family: Browser, make: Make, sheet: Sheet) -> None:
    make.guardian(make.pupil(sheet.class_))
    other = db.session.query(Guardianship).filter(Guardianship.pupil_id != sheet.pupil_id).one()
    for child in (other.id, uuid4()):
        family.get(f"/home/{child}", status=404)
        family.get(f"/home/{child}/leave", status=404)
        family.post(f"/home/{child}/leave", status=404)


def test_a_refused_guardian_reads_the_reason_and_no_value(
    family: Browser, make: Make, guardian: User, sheet: Sheet
) -> None:
    from portal.services import family_help

    one = db.session.query(Guardianship).filter_by(user_id=guardian.id).one()
    one.state = "waiting"
    db.session.commit()
    assert family.get("/home").all(".chip")
    family_help.decide(make.actor(Role.TEACHER, sheet.class_), one.id, False, "请带户口簿来学校")
    page = family.get("/home")
    assert "请带户口簿来学校" in page.text
    assert not page.all("ol.steps")


def test_leaving_says_what_it_means_and_signs_out(family: Browser, own: str, sheet: Sheet, leaf: Leaf) -> None:
    arrive(sheet, leaf)
    one = db.session.query(Guardianship).one()
    assert family.get(f"/home/{one.id}/leave").all(".button.refuse")
    page = family.post(f"/home/{one.id}/leave", status=200)
    assert page.all(".sign.done")
    assert family.get("/home", status=302).location.startswith("/sign-in")
    assert db.session.get_one(Sheet, sheet.id).received


def test_without_a_sheet_or_a_child_it_says_what_comes(family: Browser, sheet: Sheet, guardian: User) -> None:
    sheet.issued = False
    db.session.commit()
    assert family.get("/home").all(".notice")
    db.session.delete(db.session.get_one(Sheet, sheet.id))
    db.session.commit()
    assert family.get("/home").all(".notice")
    db.session.query(Guardianship).one().state = "ended"
    db.session.commit()
    assert family.get("/home").all(".empty")


def test_a_one_time_password_must_be_replaced_first(browser: Browser, make: Make, guardian: User, own: str) -> None:
    from portal.services import family_help

    one = db.session.query(Guardianship).one()
    teacher = make.actor(Role.REGISTRAR, make.school())
    _sheet, _phone, password = family_help.reset_password(teacher, one.id)
    assert browser.sign_in(guardian.phone, password).location == "/password"
    for address in ("/home", f"{own}/photo"):
        assert browser.get(address, status=302).location == "/password"
    browser.post("/password", {"old": password, "new": "blue elephant"})
    assert states(browser.get("/home"))[0] == "now"


def test_every_screen_is_english_for_who_reads_english(
    family: Browser, make: Make, sheet: Sheet, leaf: Leaf, own: str
) -> None:
    family.english()
    one = db.session.query(Guardianship).one()
    make.guardian(sheet.pupil, state="waiting")
    for address in ("/home", f"/home/{one.id}", f"/home/{one.id}/leave", f"{own}/photo", "/password"):
        family.get(address)
    arrive(sheet, leaf, written=("birth_date", "phone", "name"), signed=False)
    family.get("/home")
    for change, outcome in zip(sheet.changes, ("refused", "accepted", "applied_for"), strict=True):
        change.outcome, change.values = outcome, change.values | {"entered": change.values["printed"]}
    sheet.state = SheetState.ENTERED
    db.session.commit()
    family.get("/home")
    for state in ("waiting", "refused", "ended"):
        one.state = state
        db.session.commit()
        family.get("/home")
    make.guardian(sheet.pupil)
    db.session.query(Guardianship).filter_by(id=one.id).one().state = "active"
    db.session.commit()
    family.post(f"/home/{one.id}/leave", status=200)
