"""The whole way through the real server in real browsers: roster, print, photo, claim, check with a document, look
through, decide. Every browser keeps its profile, every address that was asked for is noted."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import func, select

from portal.models import Photo, Place, Pupil, RegistrationCode, Sheet, Switch, User, db
from portal.models.base import looking
from portal.rules.clock import now
from portal.rules.roles import Role
from tests.journeys import people
from tests.journeys import test_whole_path as path
from tests.journeys.conftest import ARGUMENTS, DESK, PHONE
from tests.journeys.test_check import change
from tests.journeys.test_family import claim
from tests.make import PASSWORD, Make
from tests.roster_files import records, table, xlsx

NEW_PHONE, OWN_PHONE, NEW_NAME, TEACHER = "15400001234", "15400000055", "林小验", "three loud geese"
_KEPT = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
Texts = dict[str, set[str]]
#: seconds to wait for what a busy machine does late
PATIENCE = 300


class Browsers:
    """Persons with a browser each, whose profile stays on disk."""

    def __init__(self, playwright: Any, address: str, folder: Path) -> None:
        self._playwright, self._address, self._folder = playwright, address, folder
        self.contexts: list[BrowserContext] = []
        self.addresses: list[str] = []
        self.kept: list[str] = []

    def open(self, device: str = "desk", scripts: bool = True) -> Page:
        """A new person at a desk or with a phone."""
        profile = self._folder / f"{device}-{len(self.contexts)}"
        context = self._playwright.chromium.launch_persistent_context(
            str(profile), executable_path=shutil.which("chromium"), args=ARGUMENTS, base_url=self._address,
            java_script_enabled=scripts, locale="zh-CN", **(PHONE if device == "phone" else DESK),
        )  # fmt: skip
        context.set_default_timeout(90_000)
        context.on("request", lambda request: self.addresses.append(f"{request.method} {request.url}"))
        context.on("request", lambda request: self.addresses.append(request.headers.get("referer", "")))
        self.contexts.append(context)
        return context.pages[0] if context.pages else context.new_page()

    def close(self) -> None:
        """Note what each page keeps in its browser, then close them, so that the profiles are on disk."""
        for context in self.contexts:
            self.kept.append(str(context.storage_state()))
            for page in context.pages:
                if page.url.startswith(self._address):
                    self.kept.append(page.url.partition("#")[0])
                    self.kept.append(str(page.evaluate(_KEPT)))
            context.close()
        self.contexts.clear()


@contextmanager
def browsers(address: str, folder: Path) -> Iterator[Browsers]:
    """Browsers for one server."""
    expect.set_options(timeout=90_000)
    with sync_playwright() as playwright:
        made = Browsers(playwright, address, folder)
        try:
            yield made
        finally:
            made.close()


def province() -> Make:
    """A province with one school, its people, a round and both windows; not a single pupil."""
    make = Make()
    make.round()
    for switch in Switch:
        make.window(switch=switch)
    for role, place, login, name in (
        (Role.REGISTRAR, make.school(), "registrar", "郑管籍甲"),
        (Role.LEADER, make.school(), "leader", "冯领导乙"),
        (Role.REGISTRAR, make.province(), "province", "褚省籍丙"),
    ):
        make.user(role, place, login, name)
    db.session.remove()
    return make


def walk(app: Flask, seen: Browsers, folder: Path, count: int) -> None:
    """All of it; in the context of an application on the same database."""
    shot: Callable[[Page, str], None] = lambda page, name: None  # noqa: E731
    desk = seen.open()
    people.sign_in(desk, "registrar")
    _import(desk, folder, count)
    path.unlock(desk, seen.open, shot)
    pages = people.rasters(path.print_sheets(desk, shot))
    path.families_send(seen.open, pages, folder, shot)
    with app.app_context():
        code, last = _code_of_third()
    _claim_and_check(seen, code, last, folder)
    _until_read(app)
    _look_through(seen, path.teacher_slip(desk))
    leader = seen.open()
    people.sign_in(leader, "leader")
    leader.goto("/staff/queue")
    for address in ("/staff/figures", "/staff/findings", "/staff/manage", "/staff/entry", "/staff/round"):
        desk.goto(address)


def _import(desk: Page, folder: Path, count: int) -> None:
    file = folder / "roster.xlsx"
    file.write_bytes(xlsx(table(records(count))))
    desk.goto("/staff/roster")
    desk.locator("input[type=file]").set_input_files(file)
    desk.get_by_role("button", name=re.compile("检查|预览|上传")).click()
    button = desk.get_by_role("button", name=re.compile("^导入|确认导入"))
    expect(button).to_be_visible()
    button.click()
    expect(desk.locator("h1")).to_be_visible()


def _until_read(app: Flask) -> None:
    """All photos are read; on a busy machine that takes several tries."""
    deadline = time.monotonic() + PATIENCE
    with app.app_context(), looking():
        while db.session.scalar(select(func.count()).select_from(Photo).where(Photo.outcome == "waiting")):
            db.session.rollback()
            if time.monotonic() > deadline:
                raise SystemExit("the photos were not read in time: try again on a machine with less to do")
            time.sleep(0.5)
        db.session.remove()


def _look_through(seen: Browsers, slip: tuple[str, str]) -> None:
    login, first = slip
    teacher = seen.open("phone")
    people.sign_in(teacher, login, first)
    people.choose_password(teacher, first, TEACHER)
    teacher.goto("/class")
    teacher.get_by_role("link", name=re.compile("已收到|已检查")).first.click()
    teacher.reload()
    for address in ("/class", "/class?show=waiting", "/class?show=missing"):
        teacher.goto(address)


def _code_of_third() -> tuple[str, str]:
    """The code on a sheet that nobody has photographed, and what its family knows."""
    sheets = list(db.session.scalars(select(Sheet)))
    sheet = next(sheet for sheet in sheets if not sheet.photos)
    row = db.session.scalars(select(RegistrationCode).where(RegistrationCode.sheet_id == sheet.id)).one()
    found = str(row.code), sheet.pupil.record["id_number"][-4:]
    db.session.remove()
    return found


def _claim_and_check(seen: Browsers, code: str, last: str, folder: Path) -> None:
    phone = seen.open("phone")
    phone.goto("/r")
    phone.get_by_label("注册码", exact=True).fill(code)
    phone.get_by_role("button", name="下一步").click()
    phone.get_by_role("link", name=re.compile("先在手机上核对资料")).click()
    claim(phone, last, OWN_PHONE)
    phone.locator("a[href$='/check']").first.click()
    change(phone, "name", lambda row: row.locator("input[name='name.value']").fill(NEW_NAME))
    expect(phone.locator("#row-name .chip")).to_have_text("您改的")
    phone.locator("#row-name").get_by_role("link", name="拍证件").click()
    phone.locator("input[type=file]").set_input_files(_booklet(folder))
    expect(phone.get_by_role("heading", name="已经收到")).to_be_visible()
    phone.get_by_role("link", name="接着核对").click()


def _booklet(folder: Path) -> Path:
    from PIL import Image

    path_ = folder / "booklet.jpg"
    Image.new("RGB", (1600, 1100), (200, 190, 170)).save(path_)
    return path_


def texts(app: Flask) -> Texts:
    """Everything that must not be readable, by kind, as it is known in the end."""
    items = {"name": ("name", "guardian1_name", "guardian2_name"), "phone": ("phone", "guardian1_phone"),
             "id number": ("id_number", "student_number", "guardian1_id_number", "guardian2_id_number"),
             "address": ("current_address",)}  # fmt: skip
    found: Texts = {kind: set() for kind in items}
    with app.app_context():
        for pupil in db.session.scalars(select(Pupil)):
            for kind, names in items.items():
                found[kind] |= {pupil.record[name] for name in names if pupil.record.get(name)}
        codes = {str(row.code) for row in db.session.scalars(select(RegistrationCode)) if row.code_sealed}
        found["code"] = codes | {f"{code[1:5]}-{code[5:9]}-{code[9:13]}" for code in codes}
        found["name"] |= {user.name for user in db.session.scalars(select(User)) if user.name}
        schools = {place.name for place in db.session.scalars(select(Place))}
        db.session.remove()
    found["password"] = {PASSWORD, TEACHER}
    found["phone"] |= {NEW_PHONE}
    found["own login"] = {OWN_PHONE}
    found["phone"] -= found["own login"]
    found["name"] = (found["name"] | {NEW_NAME}) - schools
    return found


def plant(app: Flask, folder: Path, name: str) -> None:
    """Three leaks of our own: in the database, in a temporary file, in the log."""
    from sqlalchemy import text

    with app.app_context():
        db.session.execute(text("UPDATE round SET title = :name"), {"name": f"{name}'s round"})
        db.session.commit()
        db.session.remove()
    (folder / "tmp" / "upload").write_text(name, encoding="utf-16-le")
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        log.write(f"{now()} looked at {name}\n")
