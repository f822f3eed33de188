"""A pupil without a number: the stamped certificate is uploaded and approved; later the number comes and is granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select, update

from portal.models import Application, Decision, Pupil, User, db
from portal.rules.applications import ApplicationMove
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import accounts, decisions, reviewing
from tests.journeys import people
from tests.make import PASSWORD, Make
from tests.photographs import jpeg

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
SCAN: list[FilePayload] = [{"name": "证明.jpg", "mimeType": "image/jpeg", "buffer": jpeg((900, 1270))}]


@dataclass
class Story:
    """The pupil, and the number the police will give."""

    pupil_id: UUID
    number: str
    student_number: str

    def review(self, login: str, what: ApplicationMove) -> None:
        """The newest application is decided, and ten minutes pass."""
        user = db.session.scalars(select(User).where(User.login == login)).one()
        actor: Actor | None = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
        newest = db.session.scalars(select(Application).order_by(Application.made_at.desc()).limit(1)).one()
        assert actor is not None
        reviewing.decide(actor, {newest.id: newest.version}, what)
        db.session.execute(update(Decision).values(due_at=now()))
        db.session.commit()
        decisions.carry_out_due()
        db.session.remove()

    def record(self) -> dict[str, str]:
        db.session.rollback()
        kept = db.session.get_one(Pupil, self.pupil_id).record
        db.session.remove()
        return kept


@pytest.fixture
def story(make: Make) -> Story:
    school = make.school()
    for role, place, login in (
        (Role.REGISTRAR, school, "registrar"), (Role.LEADER, school, "leader"),
        (Role.REGISTRAR, make.county(), "registrar-county"),
    ):  # fmt: skip
        make.user(role, place, login)
    whole = make.record(50)
    student_number = "L990101201403124821"
    without = {"id_doc_type": "Z", "id_number": "", "student_number": student_number}
    same = {item: whole[item] for item in ("sex", "birth_date")}
    found = Story(make.pupil(None, name="林小试", **without, **same).id, whole["id_number"], student_number)
    db.session.remove()  # nothing of the test keeps the server from writing
    return found


def test_a_pupil_without_number_is_proved_and_gets_the_number_later(story: Story, opened: Opened, shot: Shot) -> None:
    """I1, I2, I5, R86, H9, H6"""
    desk = opened("desk")
    people.sign_in(desk, "registrar")
    desk.goto("/staff/identity")
    with desk.expect_download() as printed:
        desk.get_by_role("checkbox").check()
        desk.get_by_role("button", name="打印勾选学生的无身份证号证明").click()
    assert printed.value.suggested_filename.endswith(".pdf")
    desk.get_by_role("link", name="林小试").click()
    desk.locator("#file").set_input_files(files=SCAN)
    desk.get_by_role("button", name="上传").click()
    expect(desk.locator("main .shot img")).to_have_count(1)
    shot(desk, "identity-uploaded")
    desk.get_by_role("button", name="送校领导").click()
    expect(desk.locator("h1 + .chip")).to_have_text("等校领导")
    story.review("leader", ApplicationMove.PASS)
    desk.goto("/staff/identity")
    expect(desk.locator("tbody .chip")).to_have_text("已通过")

    desk.get_by_role("link", name="林小试").click()
    desk.locator("#id_number").fill(story.number)
    desk.get_by_role("button", name="申请变更").click()
    expect(desk.locator("#f-id_number")).to_have_value(story.number)
    desk.locator("#photo").set_input_files(files=SCAN)
    desk.get_by_role("button", name="上传").click()
    expect(desk.locator("#draft li.split")).to_have_count(1)
    desk.get_by_role("button", name="送校领导核办").click()
    expect(desk.locator(".chip", has_text="待学校核办")).to_be_visible()
    story.review("leader", ApplicationMove.PASS)
    story.review("registrar-county", ApplicationMove.GRANT)
    kept = story.record()
    assert (kept["id_doc_type"], kept["id_number"]) == ("1", story.number)
    assert kept["student_number"] == story.student_number, "it stays (H6)"
    desk.goto("/staff/identity")
    expect(desk.get_by_text("没有要交材料的学生")).to_be_visible()
