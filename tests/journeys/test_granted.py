"""What a family reads on its phone from the signed paper to the last word: unchanged, three plain changes, and a number
that the county refuses once and then grants."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from portal.models import Application, Decision, Leaf, Pupil, Sheet, Switch, User, db
from portal.rules.applications import ApplicationMove
from portal.rules.clock import now
from portal.rules.idnumber import check_digit
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetMove, SheetState
from portal.services import accounts, checking, decisions, entry, maintenance_states, reviewing
from tests.journeys import people
from tests.make import PASSWORD, Make
from tests.photographs import arrive, leaf_of, link_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
REASON = "证件照片看不清号码，请重新拍一张。"


@dataclass
class Story:
    """One child with its sheet in the family's hands, and everybody who has a part."""

    sheet_id: UUID
    pupil_id: UUID
    link: str
    phone: str
    #: how many items have been applied for again and wait
    again: int = 0

    def actor(self, role: Role, at_county: bool = False) -> Actor:
        """Somebody with the right role, signed in anew."""
        user = db.session.scalars(
            select(User).where(User.login == f"{role.value.lower()}{'-county' * at_county}")
        ).one()
        found = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
        assert found is not None
        return found

    @property
    def sheet(self) -> Sheet:
        db.session.rollback()
        return db.session.get_one(Sheet, self.sheet_id)

    def record(self) -> dict[str, str]:
        db.session.rollback()
        kept = db.session.get_one(Pupil, self.pupil_id).record
        db.session.remove()
        return kept

    def send(self, *written: str) -> None:
        """The photo of the signed paper comes in."""
        leaf = db.session.scalars(select(Leaf)).one()
        arrive(self.sheet, leaf, written=written)
        db.session.remove()

    def look_through(self) -> None:
        """The class teacher checks, the leader lets it go to entry; ten minutes pass."""
        sheet = self.sheet
        eyes = None if sheet.written else checking.Eyes(changed=False)  # a drawn sheet is looked at
        checking.check(self.actor(Role.TEACHER), sheet.id, sheet.version, eyes)
        decisions.decide(self.actor(Role.LEADER), {sheet.id: self.sheet.version}, SheetMove.PASS)
        ten_minutes()

    def verify(self) -> None:
        decisions.decide(self.actor(Role.LEADER), {self.sheet_id: self.sheet.version}, SheetMove.VERIFY)
        ten_minutes()

    def review(self, role: Role, what: ApplicationMove, opinion: str = "", at_county: bool = False) -> None:
        """The newest application is decided."""
        newest = db.session.scalars(select(Application).order_by(Application.made_at.desc()).limit(1)).one()
        reviewing.decide(self.actor(role, at_county), {newest.id: newest.version}, what, opinion)
        ten_minutes()


def ten_minutes() -> None:
    """Decisions that wait take effect."""
    db.session.execute(update(Decision).values(due_at=now()))
    db.session.commit()
    decisions.carry_out_due()
    db.session.remove()


@pytest.fixture
def story(make: Make, monkeypatch: pytest.MonkeyPatch) -> Story:
    for room in (entry, maintenance_states):
        monkeypatch.setattr(room, "require_unlocked", lambda *_: None)
    make.window(switch=Switch.ENTRY)
    sheet = make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))
    link = link_of(leaf_of(sheet))
    for role, place, login in (
        (Role.TEACHER, sheet.class_, "teacher"), (Role.LEADER, sheet.school, "leader"),
        (Role.OPERATOR, sheet.school, "operator"), (Role.REGISTRAR, make.county(), "registrar-county"),
    ):  # fmt: skip
        make.user(role, place, login)
    phone = make.guardian(sheet.pupil).phone or ""
    found = Story(sheet.id, sheet.pupil_id, f"/s/{link}", phone)
    db.session.remove()  # nothing of the test keeps the server from writing
    return found


@pytest.fixture
def at_home(story: Story, opened: Opened) -> Page:
    """The family's phone, at home."""
    page = opened("phone")
    page.goto("/sign-in")
    page.locator("#login").fill(story.phone)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/home*")
    return page


def reads(page: Page, story: Story, *words: str, paper: bool = True) -> None:
    """The page behind the QR and then the family's own page say these words, in chips; the first gives no reason."""
    for address in ([story.link] if paper else []) + ["/home"]:
        page.goto(address)
        expect(page.locator("main section ul.lines .chip")).to_have_text(list(words))
        if address != "/home":
            expect(page.get_by_text(REASON)).to_have_count(0)
            expect(page.get_by_text("又报了一次")).to_have_count(story.again)


def test_unchanged_and_signed(story: Story, at_home: Page) -> None:
    story.send()
    at_home.goto("/home")
    expect(at_home.locator("ol.steps .sign.done")).to_have_count(3)
    story.look_through()
    assert story.sheet.state == SheetState.ENTERED, "nothing to type"
    story.verify()
    at_home.goto(story.link)
    expect(at_home.locator("main .notice").first).to_contain_text("全部办完")
    expect(at_home.locator("main section ul.lines")).to_have_count(0)


def test_three_plain_changes(story: Story, at_home: Page, opened: Opened, shot: Shot) -> None:
    story.send("phone", "postcode", "email")
    at_home.goto("/home")
    expect(at_home.locator("main section ul.lines .chip")).to_have_text(["学校在看"] * 3)
    story.look_through()
    desk = opened("desk")
    people.sign_in(desk, "operator")
    desk.goto(f"/staff/entry/sheet/{story.sheet_id}")
    for value in ("15400001234", "999000", "lin@example.org"):
        desk.locator("section.to-enter input[name=value]").first.fill(value)
        desk.get_by_role("button", name="存，下一个").first.click()
        expect(desk.locator("section.to-enter b", has_text=value)).to_be_visible()
    desk.get_by_role("button", name="这张表录完了").click()
    desk.wait_for_url("**/staff/entry*")
    reads(at_home, story, "已采纳", "已采纳", "已采纳")
    expect(at_home.get_by_text("现在是 15400001234")).to_be_visible()
    shot(at_home, "granted-three-changes")
    story.verify()
    assert story.record()["postcode"] == "999000"


def right_number(story: Story) -> str:
    """Another number of the same child: same place, day and sex."""
    old = story.record()["id_number"]
    body = old[:14] + f"{(int(old[14:17]) + 2) % 1000:03d}"
    return body + check_digit(body)


def test_a_number_refused_by_the_county_and_granted_the_second_time(
    story: Story, at_home: Page, opened: Opened, shot: Shot
) -> None:
    """H1-H6, R87, R104: each step is read at home and, in words alone, behind the QR."""
    story.send("id_number")
    story.look_through()
    number, before = right_number(story), story.record()
    desk = opened("desk")
    people.sign_in(desk, "operator")
    desk.goto(f"/staff/entry/sheet/{story.sheet_id}")
    desk.get_by_role("button", name="走申请").click()
    reads(at_home, story, "学校在办", paper=False)
    desk.goto("/staff/applications")
    desk.locator("main .rows a.queue").first.click()
    send_application(desk, number)
    reads(at_home, story, "等校领导", paper=False)
    story.review(Role.LEADER, ApplicationMove.PASS)
    reads(at_home, story, "等教育局")
    expect(at_home.get_by_text("试验一区教育局一般 5 个工作日内看完")).to_be_visible()
    story.review(Role.REGISTRAR, ApplicationMove.REFUSE, REASON, at_county=True)
    reads(at_home, story, "未采纳")
    expect(at_home.get_by_text(REASON)).to_be_visible()
    shot(at_home, "granted-refused")
    assert story.record() == before
    desk.reload()
    desk.get_by_role("button", name="改好重新提").click()
    send_application(desk, number)
    story.again = 1
    reads(at_home, story, "等校领导")
    expect(at_home.get_by_text("上次没有同意")).to_be_visible()
    story.review(Role.LEADER, ApplicationMove.PASS)
    story.review(Role.REGISTRAR, ApplicationMove.GRANT, at_county=True)
    story.again = 0
    reads(at_home, story, "已采纳")
    assert story.record() == before | {"id_number": number}, "the student number stays (H6)"


def send_application(desk: Page, number: str) -> None:
    """Fill the draft in, with a photo of the document where there is none yet, and send it to the leader."""
    desk.locator("#f-id_number").fill(number)
    if not desk.locator("#draft li.split").count():
        desk.locator("#photo").set_input_files(
            files=[{"name": "户口簿.jpg", "mimeType": "image/jpeg", "buffer": page_of()}]
        )
        desk.get_by_role("button", name="上传").click()
        expect(desk.locator("#draft li.split")).to_have_count(1)
    desk.get_by_role("button", name="送校领导核办").click()
    expect(desk.locator(".chip", has_text="待学校核办")).to_be_visible()


def page_of() -> bytes:
    """A photo of a page of a household booklet."""
    out = io.BytesIO()
    Image.new("RGB", (900, 620), (200, 190, 170)).save(out, "JPEG")
    return out.getvalue()
