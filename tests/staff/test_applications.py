"""Key-data changes in the school's browser: from the sheet and by hand, files, sent, refused, again, the slip."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from portal.models import Application, Sheet, Switch, db
from portal.paper import reading
from portal.rules.applications import ApplicationMove, ApplicationState
from portal.rules.place_settings import EVIDENCE_REQUIRED
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import granting, place_settings, readings
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser, Page
from tests.photographs import jpeg
from tests.press import unlock

LIST = "/staff/applications"


class Inside:
    """Stands in for the child process: does its work here."""

    def call(self, data: bytes, arguments: dict[str, Any], timeout: float, wait: float) -> tuple[dict, list[bytes]]:
        return reading.entry(data, arguments)


@pytest.fixture(autouse=True)
def child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "readers", Inside)


@pytest.fixture
def registrar(browser: Browser, make: Make) -> Browser:
    make.window(switch=Switch.ENTRY)
    school = make.school()
    user = make.user(Role.REGISTRAR, school)
    browser.sign_in(user.login, PASSWORD)
    unlock(make, school.id, user.id)
    return browser


@pytest.fixture
def sheet(make: Make) -> Sheet:
    sheet = make.sheet(SheetState.PASSED)
    name, number = new_change(sheet, "name"), new_change(sheet, "id_number")
    name.values = name.values | {"typed": "林拭"}
    assert number
    db.session.commit()
    return sheet


def the_application() -> Application:
    db.session.expire_all()
    return db.session.scalars(select(Application).order_by(Application.made_at.desc())).first()  # type: ignore[return-value]


def fields(found: Application, **typed: str) -> dict[str, Any]:
    values = {"version": found.version, "reason": "", "kind": "HUKOU_SCAN", "about": ""}
    for item, both in found.values.items():
        values |= {f"{item}.version": found.version, f"{item}.value": typed.get(item, both["new"])}
    return values


def act(browser: Browser, do: str, status: int = 303, files: list[Any] | None = None, **typed: str) -> Page:
    found = the_application()
    data = fields(found, **typed) | {"do": do}
    if files:
        data["photo"] = files
    return browser.post(f"{LIST}/{found.id}", data, status, content_type="multipart/form-data")


def drafted(browser: Browser, make: Make, **typed: str) -> Application:
    pupil = make.pupil()
    browser.get(f"{LIST}/new/{pupil.id}")
    browser.post(f"{LIST}/new/{pupil.id}", {"item": list(typed)})
    act(browser, "file", files=[(io.BytesIO(jpeg()), "户口簿.jpg")], **typed)
    return the_application()


def decided(found: Application, what: ApplicationMove, make: Make, opinion: str = "") -> None:
    at_school = found.state == ApplicationState.WITH_LEADER
    actor = make.actor(Role.LEADER, make.school()) if at_school else make.actor(Role.REGISTRAR, make.county())
    granting.carry_out(actor, found, what, opinion)
    db.session.commit()


def test_from_the_sheet_to_the_leader(registrar: Browser, make: Make, sheet: Sheet) -> None:
    page = registrar.get(f"/staff/entry/sheet/{sheet.id}")
    assert "走申请" in page.text
    change = sheet.changes[0]
    registrar.post(f"/staff/entry/change/{change.id}", {"do": "apply"})
    page = registrar.get(f"/staff/entry/sheet/{sheet.id}")
    assert f"{LIST}/{the_application().id}" in page.links()
    page = registrar.get(f"{LIST}/{the_application().id}")
    assert page.soup.select_one("#f-name")["value"] == "林拭"  # type: ignore[index]
    page = act(registrar, "send", 400)
    said = " ".join(li.get_text() for li in page.all("[data-errors] li"))
    assert "还没有填新的内容" in said
    assert "还缺证明材料" in said
    act(registrar, "drop:id_number")
    act(registrar, "file", files=[(io.BytesIO(jpeg()), "a.jpg"), (io.BytesIO(jpeg((500, 400))), "b.jpg")])
    page = registrar.get(f"{LIST}/{the_application().id}")
    pictures = [str(image["src"]) for image in page.all("main img") if "/pages/" in str(image["src"])]
    assert len(pictures) == 2
    assert registrar.get(pictures[0]).answer.content_type == "image/jpeg"
    act(registrar, "send")
    assert the_application().state == ApplicationState.WITH_LEADER
    page = registrar.get(f"{LIST}/{the_application().id}")
    assert "拿回来改" in page.text


def test_by_hand_found_by_class_and_by_name(registrar: Browser, make: Make) -> None:
    pupil = make.pupil()
    page = registrar.get(f"{LIST}/new?class={pupil.class_id}")
    assert f"{LIST}/new/{pupil.id}" in page.links()
    page = registrar.post(f"{LIST}/new", {"name": pupil.record["name"]}, 200)
    assert f"{LIST}/new/{pupil.id}" in page.links()
    page = registrar.post(f"{LIST}/new/{pupil.id}", {}, 400)
    assert "勾选" in page.text
    registrar.post(f"{LIST}/new/{pupil.id}", {"item": ["name", "birth_date"]})
    page = registrar.get(f"{LIST}/new/{pupil.id}")
    assert "已经有一件申请在办" in page.text
    assert f"{LIST}/{the_application().id}" in page.links()


def test_what_is_wrong_comes_back_beside_its_item_and_nothing_typed_is_lost(registrar: Browser, make: Make) -> None:
    found = drafted(registrar, make, id_number="990101201403120158", name="林拭")
    page = act(registrar, "send", 400, name="林样")
    assert [li.get_text(strip=True) for li in page.all("[data-errors] li a[href='#in-id_number']")]
    assert page.soup.select_one("#f-name")["value"] == "林样"  # type: ignore[index]
    assert found.state == ApplicationState.DRAFTED
    assert the_application().values["name"]["new"] == "林样"
    page = act(registrar, "file", 400, files=[(io.BytesIO(b"MZ"), "a.jpg")], name="林例")
    assert "对不上" in page.text
    assert the_application().values["name"]["new"] == "林例"
    assert "还没有选文件" in act(registrar, "file", 400).text


def test_refused_and_made_again_and_the_slip(registrar: Browser, make: Make) -> None:
    found = drafted(registrar, make, name="林拭")
    act(registrar, "send")
    decided(found, ApplicationMove.PASS, make)
    decided(found, ApplicationMove.REFUSE, make, "户口簿照片看不清")
    page = registrar.get(LIST)
    assert "没有通过，要处理 1" in page.h1 + page.text
    page = registrar.get(f"{LIST}/{found.id}")
    assert "户口簿照片看不清" in page.text
    slip = registrar.post(f"{LIST}/{found.id}/slip", status=200).answer
    assert slip.content_type == "application/pdf"
    document = pypdfium2.PdfDocument(slip.data)
    text = "".join(one.get_textpage().get_text_range() for one in document)
    for words in ("核办单", found.pupil.record["name"], "林拭", "户口簿照片看不清", "不同意", "试验一区教育局", "盖章"):
        assert words in text, words
    assert len(document) == 1
    document.close()
    act(registrar, "again")
    new = the_application()
    page = registrar.get(f"{LIST}/{new.id}")
    assert "上一次没有通过" in page.text
    act(registrar, "send")
    decided(new, ApplicationMove.PASS, make)
    decided(new, ApplicationMove.GRANT, make)
    page = registrar.get(f"{LIST}/{new.id}")
    assert "学籍里已经改好" in page.text
    page = registrar.get(f"{LIST}/{found.id}")
    assert "已经重新提了" in page.text


def test_taken_back_and_given_up(registrar: Browser, make: Make) -> None:
    found = drafted(registrar, make, name="林拭")
    act(registrar, "send")
    registrar.post(f"{LIST}/{found.id}", {"do": "take-back", "version": the_application().version})
    assert the_application().state == ApplicationState.DRAFTED
    page = registrar.post(f"{LIST}/{found.id}", {"do": "withdraw", "version": the_application().version})
    assert page.location == LIST
    assert the_application().state == ApplicationState.WITHDRAWN
    registrar.get(f"{LIST}/{found.id}")


def test_the_list_finds_by_state_name_and_maker(registrar: Browser, make: Make) -> None:
    found = drafted(registrar, make, name="林拭")
    address = f"{LIST}/{found.id}"
    assert address in registrar.get(f"{LIST}?show=draft&mine=1").links()
    assert address not in registrar.get(f"{LIST}?show=authority").links()
    assert address in registrar.post(f"{LIST}/find", {"name": found.pupil.record["name"]}, 200).links()
    assert address not in registrar.post(f"{LIST}/find", {"name": "没有此人"}, 200).links()


def test_where_the_upload_is_switched_off_it_says_that_the_paper_stays(registrar: Browser, make: Make) -> None:
    """X8"""
    place_settings.save(make.actor(Role.REGISTRAR, make.province()), {EVIDENCE_REQUIRED: False})
    pupil = make.pupil()
    registrar.post(f"{LIST}/new/{pupil.id}", {"item": ["name"]})
    page = registrar.get(f"{LIST}/{the_application().id}")
    assert "可以不传" in page.text
    assert "纸质复印件还是要收" in page.text
    act(registrar, "send", name="林拭")
    assert the_application().state == ApplicationState.WITH_LEADER


def test_files_are_shown_as_pictures_or_downloaded(registrar: Browser, make: Make) -> None:
    """sec-A28"""
    found = drafted(registrar, make, name="林拭")
    act(registrar, "file", files=[(io.BytesIO(b"Rar!\x1a\x07\x01\x00" + b"\0" * 50), "全部.rar")])
    page = registrar.get(f"{LIST}/{found.id}")
    addresses = sorted({link for link in page.links() if link.startswith("/staff/evidence/")})
    assert len(addresses) == 2
    kinds = []
    for address in addresses:
        shown = registrar.get(address)
        if downloads := [str(form["action"]) for form in shown.all("main form") if "/download" in str(form["action"])]:
            registrar.get(downloads[0], 405)
            answer = registrar.post(downloads[0], status=200).answer
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_type == "application/octet-stream"
            kinds.append("download")
        else:
            answer = registrar.get(str(shown.all("main img")[0]["src"])).answer
            assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
            kinds.append("picture")
    assert sorted(kinds) == ["download", "picture"]


def test_in_english(registrar: Browser, make: Make, sheet: Sheet) -> None:
    registrar.english()
    registrar.get(LIST)
    registrar.get(f"{LIST}/new?class={sheet.class_id}")
    registrar.get(f"{LIST}/new/{sheet.pupil_id}")
    registrar.post(f"/staff/entry/change/{sheet.changes[0].id}", {"do": "apply"})
    act(registrar, "send", 400)
    act(registrar, "drop:id_number")
    act(registrar, "file", files=[(io.BytesIO(jpeg()), "a.jpg")])
    act(registrar, "send")
    found = the_application()
    registrar.get(f"{LIST}/{found.id}")
    decided(found, ApplicationMove.REFUSE, make, "看不清")
    registrar.get(f"{LIST}/{found.id}")
    registrar.get(f"{LIST}?show=refused")
    assert registrar.post(f"{LIST}/{found.id}/slip", status=200).answer.data.startswith(b"%PDF")
