"""One whole path with nothing faked: roster file, unlock, print, hand out, photograph, look through, pass, enter,
verify, count; in real browsers at phone and desk size."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from portal.models import Decision, Switch, db
from portal.rules.clock import now
from portal.rules.figures import Measure
from portal.rules.roles import Role
from portal.services import figures
from tests.journeys import people
from tests.make import Make
from tests.roster_files import records, table, xlsx

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
NEW_PHONE = "15400001234"


@pytest.fixture
def province(make: Make) -> Make:
    """A province with one school, its people, a round and both windows; not a single pupil."""
    make.round()
    for switch in Switch:
        make.window(switch=switch)
    for role, place, login in (
        (Role.REGISTRAR, make.school(), "registrar"),
        (Role.LEADER, make.school(), "leader"),
        (Role.REGISTRAR, make.province(), "province"),
    ):
        make.user(role, place, login)
    db.session.remove()
    return make


def import_roster(desk: Page, folder: Path, shot: Shot) -> None:
    file = folder / "roster.xlsx"
    file.write_bytes(xlsx(table(records(3))))
    desk.goto("/staff/roster")
    desk.locator("input[type=file]").set_input_files(file)
    desk.get_by_role("button", name=re.compile("检查|预览|上传")).click()
    expect(desk.get_by_role("button", name=re.compile("^导入|确认导入"))).to_be_visible()
    shot(desk, "roster-preview-1280")
    desk.get_by_role("button", name=re.compile("^导入|确认导入")).click()
    expect(desk.locator("h1")).to_be_visible()


def unlock(desk: Page, opened: Opened, shot: Shot) -> None:
    """The code is seen in one sign-in and typed in another (B7)."""
    desk.goto("/staff/download-code")
    desk.get_by_role("button", name="看下载码").click()
    code = desk.locator(".receipt").inner_text()
    other = opened("desk")
    people.sign_in(other, "registrar")
    other.goto("/staff/unlock")
    other.get_by_label("9 位的下载码").fill(code)
    other.get_by_role("button", name="解锁").click()
    other.goto("/staff/round")
    expect(other.get_by_text("已解锁")).to_be_visible()
    shot(other, "round-1280")


def print_sheets(desk: Page, shot: Shot) -> bytes:
    desk.goto("/staff/print")
    desk.get_by_role("button", name=re.compile("打印全校")).click()
    button = desk.get_by_role("button", name=re.compile("下载"))
    expect(button).to_be_visible(timeout=60_000)
    shot(desk, "print-run-1280")
    with desk.expect_download() as download:
        button.click()
    pdf = Path(download.value.path()).read_bytes()
    desk.get_by_role("button", name=re.compile("下发")).first.click()
    expect(desk.locator("main")).to_contain_text("下发")
    return pdf


def teacher_slip(desk: Page) -> tuple[str, str]:
    """The registrar names the class teacher; login and first password stand on the printed slip."""
    desk.goto("/staff/logins")
    desk.locator("input[name^='name-']").first.fill("王班主")
    desk.get_by_role("button", name="保存姓名，开账号").click()
    with desk.expect_download() as download:
        desk.get_by_role("button", name=re.compile(r"打印 1 条登录条")).click()
    text = pypdfium2.PdfDocument(download.value.path())[0].get_textpage().get_text_bounded()
    login = desk.locator("td.mono").first.inner_text()
    assert login in text
    password = re.search(r"[23456789abcdefghjkmnpqrstuvwxyz]{10}", text.replace(login, ""))
    assert password, text
    return login, password.group()


def test_from_a_roster_file_to_the_provinces_figures(
    province: Make, opened: Opened, shot: Shot, tmp_path: Path
) -> None:
    desk = opened("desk")
    people.sign_in(desk, "registrar")
    import_roster(desk, tmp_path, shot)
    unlock(desk, opened, shot)
    pages = people.rasters(print_sheets(desk, shot))
    assert len(pages) == 6
    families_send(opened, pages, tmp_path, shot)
    teacher_looks_through(opened, teacher_slip(desk), shot)
    leader = opened("desk")
    people.sign_in(leader, "leader")
    shot(leader, "queue-1280")
    decide_on_all(leader, "同意勾选的")
    enter_the_telephone(desk, shot)
    leader.goto("/staff/queue")
    decide_on_all(leader, "核实无误")
    officer = opened("desk")
    people.sign_in(officer, "province")
    officer.goto("/staff/figures")
    expect(officer.locator("tr.top")).to_contain_text("2")
    shot(officer, "figures-1280")
    agree(province)


def families_send(opened: Opened, pages: list, folder: Path, shot: Shot) -> None:
    """One family with scripts and a new telephone number, one without scripts and without changes."""
    family = opened("phone")
    family.goto(people.qr_of(pages[0]))
    shot(family, "landing-360")
    people.send_photo(family, people.photo_of(pages[0], folder, {"phone": NEW_PHONE}))
    expect(family.locator("main")).to_contain_text("收到了")
    shot(family, "answer-360")
    plain = opened("phone", scripts=False)
    plain.goto(people.qr_of(pages[2]))
    plain.get_by_role("link", name=re.compile("拍下签好字的纸表")).click()
    people.send_photo(plain, people.photo_of(pages[2], folder, {}, seed=9))


def teacher_looks_through(opened: Opened, slip: tuple[str, str], shot: Shot) -> None:
    login, first = slip
    teacher = opened("phone")
    people.sign_in(teacher, login, first)
    people.choose_password(teacher, first, "three loud geese")
    teacher.goto("/class")
    shot(teacher, "class-360")
    for _ in range(2):
        teacher.goto("/class?show=waiting")
        teacher.get_by_role("link", name=re.compile("已收到")).last.click()
        shot(teacher, "look-through-360")
        teacher.reload()  # the camera of the test leaves traces on fields, which the policy of the page refuses to copy
        drawn = teacher.get_by_label("真的没写")
        if drawn.count():  # the only sheet without changes is always drawn
            drawn.check()
        with teacher.expect_response(lambda answer: answer.request.method == "POST"):
            teacher.get_by_role("button", name="没有问题").click()


def decide_on_all(leader: Page, words: str) -> None:
    """The decision takes effect ten minutes later: its time is brought forward and the worker does the rest."""
    for box in leader.locator("input[type=checkbox][name=sheet]").all():
        if box.is_visible():
            box.check()
    leader.get_by_role("button", name=words).click()
    expect(leader.get_by_role("button", name="撤回")).to_be_visible()
    db.session.execute(update(Decision).values(due_at=now()))
    db.session.commit()
    leader.goto("/staff/queue?show=decided")
    for _ in range(40):
        if leader.get_by_text("没有还能撤回的决定").is_visible():
            return
        leader.wait_for_timeout(250)
        leader.reload()
    raise AssertionError("the worker did not carry the decision out")


def enter_the_telephone(desk: Page, shot: Shot) -> None:
    desk.goto("/staff/entry")
    desk.get_by_role("link", name="一张一张录", exact=True).click()
    shot(desk, "entry-1280")
    desk.get_by_label("录入", exact=True).fill(NEW_PHONE)
    desk.get_by_role("button", name="存，下一个").click()
    desk.get_by_role("button", name="这张表录完了").click()


def agree(make: Make) -> None:
    """Two of three sheets came, were read, signed, entered and verified; the recount agrees."""
    found = make.round()
    figures.fold_all()
    counts = figures.counts_below(found.id, make.province().path)
    want = {Measure.EXPECTED: 3, Measure.ISSUED: 3, Measure.RECEIVED: 2, Measure.SIGNED: 2, Measure.VERIFIED: 2}
    assert {measure: counts[measure] for measure in want} == want
    assert figures.recount(found.id) == []
