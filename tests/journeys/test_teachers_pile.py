"""A class teacher's evening with a pile of paper: eight photos, a cut on the way, and who is missing at the end."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from portal.models import Photo, Sheet, db
from portal.paper import layout
from portal.rules.figures import Measure
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import figures, photos
from tests.journeys import people
from tests.make import Make
from tests.paper.photographed import scan
from tests.paper.workshop import photograph, press, write_on
from tests.photographs import leaf_of

pytestmark = pytest.mark.journey

Opened = Callable[..., Page]
Shot = Callable[[Page, str], None]
PUPILS = 7
DPI = 200


@pytest.fixture
def class_of_seven(make: Make) -> list[Sheet]:
    """A class with printed sheets that were handed out, in their order, and its teacher."""
    make.round()
    class_ = make.class_()
    make.user(Role.TEACHER, class_, "teacher")
    pupils = [make.pupil(class_, class_seat_number=f"{n:02}") for n in range(1, PUPILS + 1)]
    return [make.sheet(SheetState.ISSUED, pupil) for pupil in pupils]


def unnamed(page: np.ndarray) -> np.ndarray:
    """The page with its QR and four of its marks covered: two marks prove nobody."""
    page, form = page.copy(), layout.current().page(1)
    dots = page.shape[1] / form.width_mm
    for square in (*form.marks[:4], form.qr):
        low, high = square.x_mm - 1, square.x_mm + square.size_mm + 1
        top, bottom = square.y_mm - 1, square.y_mm + square.size_mm + 1
        page[int(top * dots) : int(bottom * dots), int(low * dots) : int(high * dots)] = 240
    return page


def eight(sheets: list[Sheet], folder: Path) -> list[Path]:
    """Three clear ones, one of them twice, a dark one, a back page, one without a name and one that is no sheet."""
    numbers = [leaf_of(sheet).number for sheet in sheets]
    pages = list(press.pages(numbers, photos.paper_key(), DPI))
    signed = [write_on(front.copy(), 3, {}, True) for front, _ in pages[:5]]
    made = [
        photograph(pages[0][0], 1, writing={})[0],
        scan(signed[1]),
        scan(signed[2]),
        scan(signed[1][::-1, ::-1]),
        photograph(pages[3][0], 2, writing={}, condition="dark")[0],
        scan(pages[5][1]),
        scan(unnamed(signed[4])),
        cv2.imencode(".jpg", np.random.default_rng(1).integers(90, 110, (900, 700, 3), np.uint8))[1].tobytes(),
    ]
    paths = [folder / f"{n}.jpg" for n in range(len(made) + 1)]
    for path, data in zip(paths, [*made, scan(signed[3])], strict=True):
        path.write_bytes(data)
    return paths


def cut_once(page: Page) -> None:
    """The third photo does not get through, as in a lift."""
    sent = []

    def third(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) == 3:
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route(re.compile(r"/class/pile/[0-9a-f-]+/photos$"), third)


def test_a_pile_ends_with_who_is_missing(
    class_of_seven: list[Sheet], opened: Opened, shot: Shot, tmp_path: Path
) -> None:
    sheets = class_of_seven
    names = [sheet.pupil.record["name"] for sheet in sheets]
    *pile, better = eight(sheets, tmp_path)
    round_id, path = sheets[0].round_id, sheets[0].path
    db.session.remove()
    teacher = opened("phone")
    people.sign_in(teacher, "teacher")
    teacher.goto("/class")
    teacher.get_by_role("link", name="翻拍一叠").click()
    shot(teacher, "pile-360")
    cut_once(teacher)
    teacher.locator("input[type=file]").set_input_files(pile)
    expect(teacher.get_by_text("还有 6 张没有送到")).to_be_visible(timeout=60_000)
    shot(teacher, "pile-cut-360")
    teacher.get_by_role("button", name="接着送").click()
    expect(teacher.get_by_role("heading", level=1)).to_have_text("看了 8 张，认出 6 张", timeout=120_000)
    expect(teacher.locator("[aria-labelledby=again-title] b")).to_have_text(
        [re.compile(names[3]), re.compile(names[5])]
    )
    expect(teacher.locator("[aria-labelledby=strange-title] .shot")).to_have_count(1)
    shot(teacher, "pile-result-360")
    teacher.get_by_role("button", name=names[4]).click()
    expect(teacher.locator("#assigned")).to_contain_text(names[4])
    expect(teacher.locator(".names li")).to_have_text([re.compile(names[5]), re.compile(names[6])])
    with teacher.expect_file_chooser() as chooser:
        teacher.get_by_role("link", name="再拍这 2 张").click()
    chooser.value.set_files(better)
    expect(teacher.get_by_role("heading", level=1)).to_have_text("看了 9 张，认出 8 张", timeout=60_000)
    expect(teacher.locator("[aria-labelledby=again-title] b")).to_have_text([re.compile(names[5])])
    shot(teacher, "pile-done-360")
    assert db.session.query(Photo).count() == 9, "nothing came twice"
    figures.fold_all()
    counts = figures.counts_below(round_id, path)
    assert (counts[Measure.RECEIVED], counts[Measure.EXPECTED]) == (5, PUPILS)
    assert figures.recount(round_id) == []


def test_a_file_that_is_too_large_is_told_before_it_is_sent(
    class_of_seven: list[Sheet], opened: Opened, tmp_path: Path
) -> None:
    large, small = tmp_path / "all.pdf", tmp_path / "one.jpg"
    large.write_bytes(b"%PDF-1.7\n" + b"0" * 24_000_000)
    small.write_bytes(scan(np.full((900, 700, 3), 200, np.uint8)))
    db.session.remove()
    teacher = opened("phone")
    people.sign_in(teacher, "teacher")
    teacher.goto("/class/pile")
    teacher.locator("input[type=file]").set_input_files([large, small])
    expect(teacher.locator("[data-refused] li")).to_have_text(re.compile("第 1 张：文件超过 24 MB.*每 100 页"))
    teacher.get_by_role("link", name="看结果").click()
    expect(teacher.get_by_role("heading", level=1)).to_have_text("看了 1 张，认出 0 张", timeout=60_000)
