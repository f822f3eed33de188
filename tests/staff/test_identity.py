"""The screens of proofs of identity: filters, certificates, files, sending, the number that became known."""

from __future__ import annotations

import io

import pytest

from portal.models import Application, Evidence, Pupil, db
from portal.rules.applications import ApplicationState
from portal.rules.roles import Role
from portal.services import evidence, identity_certificates
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import jpeg

NO_NUMBER = {"id_doc_type": "Z", "id_number": "", "student_number": "L990101201403124821"}
KOREAN = {"id_doc_type": "A", "id_number": "E00000001", "nationality": "KOR", "hmt_overseas": "51"}


@pytest.fixture
def pupil(make: Make) -> Pupil:
    return make.pupil(None, **NO_NUMBER, guardian1_id_number="", guardian2_id_number="")


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """How a picture is made bare has its own tests."""
    monkeypatch.setattr(evidence, "bare_picture", lambda data: data)


def sign_in(browser: Browser, make: Make, role: Role = Role.REGISTRAR) -> Browser:
    make.let_in(role)
    browser.sign_in(make.user(role, make.school()).login, PASSWORD)
    return browser


def test_the_list_says_what_is_missing_and_filters(make: Make, browser: Browser, pupil: Pupil) -> None:
    make.pupil(None, **KOREAN)
    make.pupil()
    page = sign_in(browser, make).get("/staff/identity")
    assert len(page.all("tbody tr")) == 2
    assert "至少一位家长的证件号" in page.text  # X19
    assert "E0******1" in page.text
    assert "E00000001" not in page.html
    assert [len(browser.get(f"/staff/identity?number={n}").all("tbody tr")) for n in ("has", "none")] == [1, 1]
    assert browser.get("/staff/identity?state=approved").all("tbody tr") == []
    assert len(browser.get("/staff/identity?state=missing").all("tbody tr")) == 2
    assert "nothing" not in browser.english().get("/staff/identity").text


def test_somebody_elses_class_does_not_exist(make: Make, browser: Browser) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    sign_in(browser, make).get(f"/staff/identity?class={other.id.hex}", status=404)


def test_leaders_look_and_print_nothing(make: Make, browser: Browser, pupil: Pupil) -> None:
    page = sign_in(browser, make, Role.LEADER).get("/staff/identity")
    assert not page.all("input[type=checkbox]")
    page = browser.get(f"/staff/identity/{pupil.id}")
    assert not page.all("main form")
    browser.post("/staff/identity/certificates", {"pupil": pupil.id.hex}, status=403)


def test_certificates_of_ticked_pupils_and_of_a_class(
    make: Make, browser: Browser, pupil: Pupil, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[int] = []
    monkeypatch.setattr(identity_certificates, "print_certificates", lambda pages, _out: printed.append(len(pages)))
    make.pupil(None, **(NO_NUMBER | {"student_number": "L990102201509060007"}))
    sign_in(browser, make)
    for form in ({"pupil": pupil.id.hex}, {"class": pupil.class_id.hex}):
        answer = browser.post("/staff/identity/certificates", {"kind": "NO_ID_CERT"} | form, status=200).answer
        assert answer.content_type == "application/pdf"
    assert printed == [1, 2]
    assert "勾选" in browser.post("/staff/identity/certificates", {}, status=400).text
    browser.post("/staff/identity/certificates", {"pupil": "nonsense"}, status=404)


def test_files_are_uploaded_removed_and_sent(make: Make, browser: Browser, pupil: Pupil) -> None:
    here = f"/staff/identity/{pupil.id}"
    sign_in(browser, make, Role.OPERATOR).get(here)
    assert "还没有选文件" in browser.post(f"{here}/files", {"kind": "NO_ID_CERT"}, status=400).text
    several = [(io.BytesIO(jpeg()), f"证明{seed}.jpg") for seed in (1, 2)]
    browser.post(f"{here}/files", {"kind": "NO_ID_CERT", "file": several}, content_type="multipart/form-data")
    own = db.session.query(Application).one()
    first, second = db.session.query(Evidence).order_by(Evidence.at)
    page = browser.get(here)
    assert len(page.all("main img")) == 2
    assert browser.get(f"/staff/evidence/{first.id}").all(f".crumbs a[href='{here}']")
    browser.post(f"{here}/files/{first.id}/remove")
    browser.post(f"{here}/files/{first.id}/remove", status=404)
    browser.post(f"{here}/send", {"version": own.version})
    assert db.session.get_one(Application, own.id).state == ApplicationState.WITH_LEADER
    assert "拿回来改" in browser.get(here).text
    bad = {"kind": "NO_ID_CERT", "file": (io.BytesIO(jpeg()), "证明.jpg")}
    assert "已经送出" in browser.post(f"{here}/files", bad, status=409, content_type="multipart/form-data").text
    version = db.session.get_one(Application, own.id).version
    assert "先改了" in browser.post(f"{here}/take-back", {"version": version - 1}, status=409).text
    browser.post(f"{here}/take-back", {"version": version})
    browser.post(f"{here}/files/{second.id}/remove")
    version = db.session.get_one(Application, own.id).version
    assert "证明材料，至少要一份" in browser.post(f"{here}/send", {"version": version}, status=400).text


def test_the_number_becomes_a_draft_of_a_key_data_change(make: Make, browser: Browser, pupil: Pupil) -> None:
    """I1, H9"""
    here = f"/staff/identity/{pupil.id}"
    sign_in(browser, make)
    assert "请填身份证号" in browser.post(f"{here}/number", {"id_number": " "}, status=400).text
    number = make.record(700)["id_number"]
    answer = browser.post(f"{here}/number", {"id_number": number})
    made = db.session.query(Application).one()
    assert answer.location == f"/staff/applications/{made.id}"
    assert made.values["id_number"] == {"old": "", "new": number}
    assert made.values["id_doc_type"] == {"old": "Z", "new": "1"}
    assert browser.get(here).all(f"a[href='/staff/applications/{made.id}']")
    assert "在办" in browser.post(f"{here}/number", {"id_number": number}, status=409).text


def test_a_pupil_with_an_id_number_needs_nothing(make: Make, browser: Browser) -> None:
    sign_in(browser, make).get(f"/staff/identity/{make.pupil().id}", status=409)
