"""Files of scans in a pile: kept first, split in the worker page by page, taken up again, never in the way."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image

from portal.jobs import Running
from portal.jobs.children import ChildBusy, ChildTimeout
from portal.models import Photo, Pile, db
from portal.rules.roles import Actor, Role
from portal.services import pile_results, piles, readings, scan_files
from portal.services.refusals import TooLate
from portal.services.work import make_worker
from tests.make import Make
from tests.photographs import jpeg

Call = Callable[..., tuple[dict[str, int], list[bytes]]]


@pytest.fixture
def teacher(make: Make) -> Actor:
    make.round()
    return make.actor(Role.TEACHER, make.class_())


@pytest.fixture
def pile(teacher: Actor) -> Pile:
    return piles.open_pile(teacher)


def work(app: Flask) -> None:
    """Let the worker do all there is; the test itself holds no transaction meanwhile."""
    db.session.rollback()
    make_worker(app).drain()
    db.session.expire_all()


def drawing(monkeypatch: pytest.MonkeyPatch, pages: list[bytes], bad: frozenset[int] = frozenset()) -> list[list[int]]:
    """A drawing process with these pages, that hangs at the bad ones; what it was asked."""
    asked: list[list[int]] = []

    class Pool:
        def call(self, _data: bytes, args: dict[str, list[int]], **_: float) -> tuple[dict[str, int], list[bytes]]:
            first, most = args["pages"]
            asked.append(args["pages"])
            if bad & set(range(first, first + most)):
                raise ChildTimeout("hangs")
            return {"pages": len(pages)}, pages[first : first + most]

    monkeypatch.setattr(readings, "readers", Pool)
    return asked


def test_each_page_becomes_a_photo_and_the_file_is_kept(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [jpeg() for _ in range(8)]
    drawing(monkeypatch, [*pages, pages[0]])
    file = piles.add(teacher, pile.id, b"%PDF-1.7")
    assert (file.outcome, len(file.receipt)) == ("splitting", 8)
    [way] = pile_results.result(teacher, pile.id).files
    assert (way.photo_id, way.done, way.failed) == (file.id, 0, False)
    assert pile_results.result(teacher, pile.id).is_busy
    work(app)
    found = pile_results.result(teacher, pile.id)
    assert (file.outcome, found.files, found.photos, found.waiting) == ("split", (), 8, 8)
    assert piles.add(teacher, pile.id, b"%PDF-1.7").id == file.id
    assert [row.photos for row in piles.earlier(teacher)] == [8]


def test_a_page_that_hangs_is_left_out_alone(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(monkeypatch, [jpeg() for _ in range(9)], frozenset({7}))
    piles.add(teacher, pile.id, b"%PDF-1.7")
    work(app)
    assert pile_results.result(teacher, pile.id).photos == 8


def test_a_file_without_pages_is_said_to_be_none(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing(monkeypatch, [])
    piles.add(teacher, pile.id, b"%PDF-1.7")
    work(app)
    assert [line.words for line in pile_results.result(teacher, pile.id).strange] == [
        (pile_results.STRANGE["unusable"],)
    ]


def test_taken_up_again_it_meets_its_own_pages(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [jpeg() for _ in range(9)]
    drawing(monkeypatch, pages)
    file = piles.add(teacher, pile.id, b"%PDF-1.7")
    work(app)
    first = {photo.id for photo in pile.photos}
    file.outcome = "splitting"
    db.session.commit()
    [way] = pile_results.result(teacher, pile.id).files
    assert way.failed, "its job has ended"
    assert scan_files.split_again(teacher, file.id) == pile.id
    with pytest.raises(TooLate):
        scan_files.split_again(teacher, file.id)
    work(app)
    assert {photo.id for photo in pile.photos} == first


def test_no_free_process_is_no_reason_to_give_up(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy:
        def call(self, *_: object, **__: object) -> None:
            raise ChildBusy("busy")

    monkeypatch.setattr(readings, "readers", Busy)
    file = piles.add(teacher, pile.id, b"%PDF-1.7")
    work(app)
    assert file.outcome == "splitting"
    assert not next(scan_files.under_way(pile)).failed
    assert db.session.get(Photo, file.id) is not None


@pytest.mark.slow
def test_several_hundred_pages_are_taken_with_progress_page_by_page(
    app: Flask, teacher: Actor, pile: Pile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process that draws: 300 pages, each unlike the others."""
    pages = [Image.new("L", (250, 350), 40 + n % 200) for n in range(300)]
    for n, page in enumerate(pages):
        page.putpixel((n % 250, n // 250 * 20), 0)
        page.paste(0, (0, 0, 1 + n % 240, 1 + n // 6))
    out, told = io.BytesIO(), []
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    monkeypatch.setattr(Running, "progress", lambda _self, n, of=None: told.append((n, of)))
    piles.add(teacher, pile.id, out.getvalue())
    work(app)
    assert [n for n, _ in told] == [*range(6, 300, 6), 300]
    assert {of for _, of in told} == {300}
    found = pile_results.result(teacher, pile.id)
    assert (found.files, found.photos, found.waiting) == ((), 300, 300)
