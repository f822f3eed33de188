"""Every outcome with real pictures through the real reader, sent by a family and in a pile: each has its own answer,
in both languages, and nobody gets another's sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext

from portal.models import Leaf, Photo, Pile, Place, PrintRun, Sheet, db
from portal.paper import reading
from portal.rules.clock import today
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import classes, families, photos, pile_results, piles, quarantine, readings, versions
from portal.services.doors import Opened
from portal.services.pile_results import PileResult
from portal.services.refusals import NotFound
from portal.services.verdicts import Sign, verdict_of
from tests import outcome_pictures
from tests.make import Make
from tests.outcome_pictures import LAST_ROUND, OTHER_CHILD, OTHER_CLASS, OWN, picture
from tests.paper.workshop import press

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Row:
    """A picture, what becomes of it sent by the family of `OWN` and in the class teacher's pile, what the family is
    told to do (part of the Chinese sentence), and under which heading the pile tells of it."""

    picture: str
    family: str
    pile: str
    says: str
    heading: str


GOOD, AGAIN = "可以放心关掉这一页", "again"
TABLE = (
    Row("scan", "matched", "matched", GOOD, "clear"),
    Row("a display", "matched", "matched", GOOD, "clear"),
    Row("upside down", "matched", "matched", GOOD, "clear"),
    Row("webp", "matched", "matched", GOOD, "clear"),
    Row("cmyk", "matched", "matched", GOOD, "clear"),
    Row("progressive", "matched", "matched", GOOD, "clear"),
    Row("grey png", "matched", "matched", GOOD, "clear"),
    Row("heic", "matched", "matched", GOOD, "clear"),
    Row("chat, original size", "matched", "matched", GOOD, "clear"),
    Row("chat, thumbnail", "retake", "retake", "发送时选“原图”", AGAIN),
    Row("blurred", "retake", "retake", "对好焦再拍", AGAIN),
    Row("cut", "retake", "retake", "整张纸都拍进去", AGAIN),
    Row("few marks", "retake", "retake", "移开再拍", AGAIN),
    Row("unsigned", "matched", "matched", "签上名字和日期，再拍一张", "unsigned"),
    Row("the back", "back_page", "back_page", "翻过来", AGAIN),
    Row("the other child", "other_sheet", "matched", "请扫那一张上的码", "clear"),
    Row("last round", "earlier_round", "earlier_round", "请拍学校今年发的这一张", "strange"),
    Row("another deployment", "other_deployment", "other_deployment", "上面印着这个网址", "strange"),
    Row("other class", "other_sheet", "other_class", "请扫那一张上的码", "strange"),
    Row("two sheets", "two_sheets", "two_sheets", "把另一张拿开再拍", "strange"),
    Row("no sheet", "not_a_sheet", "not_a_sheet", "四角的黑方块都要在里面", "strange"),
)
HUGE = Row("200 megapixels", "matched", "matched", GOOD, "clear")


@cache
def _read(name: str, expect: tuple[int, ...]) -> tuple[dict[str, Any], list[bytes]]:
    """What the reader sees, as it leaves its process; who may have sent it matters only where marks are few."""
    return reading.entry(picture(name), {"key": press.KEY.secret.hex(), "expect": list(expect)})


class Reader:
    """The pool of reading processes without the processes."""

    def has_room(self, _line: int) -> bool:
        return True

    def call(self, data: bytes, args: dict[str, Any], **_: Any) -> tuple[dict[str, Any], list[bytes]]:
        name = next(name for name in outcome_pictures.PICTURES if name in USED and picture(name) == data)
        return _read(name, tuple(sorted(args["expect"])) if name == "few marks" else ())


USED = {row.picture for row in (*TABLE, HUGE)} - {HUGE.picture}


@dataclass
class World:
    """A class with two children whose sheets are at home, its teacher, and the sheets that belong elsewhere."""

    teacher: Actor
    own: Sheet
    other_child: Sheet
    last_round: Sheet
    other_class: Sheet

    def by_family(self, name: str) -> Photo:
        """A picture sent by the family of `own`, read."""
        return readings.read_now(photos.receive(self.own, picture(name), photos.Sender("family")))

    def in_pile(self, pile: Pile, name: str) -> Photo:
        """A picture sent in a pile, read."""
        return readings.read_now(piles.add(self.teacher, pile.id, picture(name)))


def _printed(sheet: Sheet, number: int) -> Sheet:
    own = {"round_id": sheet.round_id, "school_id": sheet.school_id, "path": sheet.path}
    run = PrintRun(number=number % 1000, state="done", **own)
    db.session.add(run)
    db.session.flush()
    db.session.add(Leaf(number=number, sheet_id=sheet.id, run_id=run.id, layout_version=1))
    sheet.leaf_number = number
    db.session.commit()
    return sheet


@pytest.fixture
def world(make: Make, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(readings, "readers", Reader)
    monkeypatch.setattr(photos, "paper_key", lambda: press.KEY)
    monkeypatch.setattr(photos, "MOST_PHOTOS", 99)
    make.round()
    class_: Place = make.class_()
    before = make.round(year=today().year - 1, begins=today() - timedelta(days=300), ends=today() - timedelta(days=200))
    old = make.sheet(SheetState.ISSUED, make.pupil(class_))
    old.round_id = before.id
    next_door = make.sheet(SheetState.ISSUED, make.pupil(make.class_(code="2021107", name="五年级（7）班")))
    own, other = (make.sheet(SheetState.ISSUED, make.pupil(class_)) for _ in range(2))
    pairs = ((own, OWN), (other, OTHER_CHILD), (old, LAST_ROUND), (next_door, OTHER_CLASS))
    own, other, old, next_door = (_printed(sheet, number) for sheet, number in pairs)
    return World(make.actor(Role.TEACHER, class_), own, other, old, next_door)


def _untranslated(app: Flask, words: list[str]) -> Iterator[str]:
    """Sentences that are Chinese on an English page, but for names in braces."""
    with app.test_request_context("/"), force_locale("en"):
        for text in words:
            if not text or CHINESE.search(gettext(text)):
                yield text


def test_each_picture_of_a_family_has_its_own_answer(app: Flask, world: World) -> None:
    faults = []
    for row in TABLE:
        photo = world.by_family(row.picture)
        verdict = verdict_of(readings.answer_of(photo))
        said = " ".join((verdict.title, *verdict.lines))
        faults += [f"{row.picture}: {photo.outcome}"] if photo.outcome != row.family else []
        faults += [f"{row.picture} says {said}"] if row.says not in said else []
        faults += [f"{row.picture} is {verdict.sign}"] if verdict.again != (row.says != GOOD) else []
        faults += [f"{row.picture}: {text}" for text in _untranslated(app, [verdict.title, *verdict.lines])]
        kept = photo.flat_address is not None
        faults += [f"{row.picture} of another is kept"] if kept and photo.outcome in ("other_sheet", *FOREIGN) else []
    assert faults == []
    assert {photo.sheet_id for photo in world.own.photos} == {world.own.id}
    others = (world.other_child, world.other_class, world.last_round)
    assert [(sheet.state, sheet.received) for sheet in others] == [(SheetState.ISSUED, False)] * 3


FOREIGN = ("earlier_round", "other_deployment", "other_class")


def _headings(found: PileResult, photo: Photo) -> list[str]:
    """Under which headings a pile tells of a photo."""
    names = [
        n for n in (AGAIN, "unsigned", "unknown", "strange") if photo.id in {x.photo_id for x in getattr(found, n)}
    ]
    return names or ["clear"]


def test_each_picture_in_a_pile_has_its_own_answer(app: Flask, world: World) -> None:
    faults = []
    for row in TABLE:
        # a pile of its own, and the sheet as it was: what a pile tells of a sheet depends on its best photo
        world.own.photo_id, world.own.readable, world.own.state = None, False, SheetState.ISSUED
        world.own.received = False
        db.session.commit()
        pile = piles.open_pile(world.teacher)
        photo = world.in_pile(pile, row.picture)
        found = pile_results.result(world.teacher, pile.id)
        lines = (*found.again, *found.unsigned, *found.strange, *found.unknown)
        words = [text.replace("{name}", "5") for line in lines for text in line.words]
        faults += [f"{row.picture}: {photo.outcome}"] if photo.outcome != row.pile else []
        faults += [f"{row.picture} in {_headings(found, photo)}"] if _headings(found, photo) != [row.heading] else []
        faults += [f"{row.picture} says nothing"] if row.heading in (AGAIN, "strange") and not words else []
        faults += [f"{row.picture}: {text}" for text in _untranslated(app, [t for x in lines for t in x.words])]
        whose = {"the other child": world.other_child.id}.get(row.picture, world.own.id)
        faults += [f"{row.picture} is given to another"] if photo.sheet_id not in (None, whose) else []
    assert faults == []
    assert [sheet.state for sheet in (world.last_round, world.other_class)] == [SheetState.ISSUED] * 2


def test_without_proof_a_page_waits_for_a_person_with_the_likeliest_first(world: World, make: Make) -> None:
    """Three marks and no QR prove nothing to who sends for a whole school; the class is tried when it is chosen."""
    registrar = make.actor(Role.REGISTRAR, make.school())
    pile = piles.open_pile(registrar)
    photo = readings.read_now(piles.add(registrar, pile.id, picture("few marks")))
    assert (photo.outcome, photo.sheet_id) == ("unknown", None)
    offered = quarantine.unnamed(registrar, photo.id, world.own.class_id)
    assert world.own.id in {one.sheet_id for one in (*offered.likely, *offered.missing)}
    with pytest.raises(NotFound):
        quarantine.assign(registrar, photo.id, world.last_round.id)
    quarantine.assign(registrar, photo.id, world.own.id)
    assert (photo.assigned_by_id, world.own.received) == (registrar.user_id, True)


@pytest.mark.parametrize("way", ["family", "pile"])
def test_the_best_photo_counts_and_the_others_stay_behind_it(world: World, way: str) -> None:
    pile = piles.open_pile(world.teacher)
    names = ("blurred", "scan", "chat, thumbnail", "the back", "scan")
    sent = [world.by_family(name) if way == "family" else world.in_pile(pile, name) for name in names]
    good = sent[1]
    assert world.own.photo_id == good.id
    assert (sent[4].id, sent[4].receipt) == (good.id, good.receipt)
    found = versions.versions_of(world.teacher, world.own.id)
    assert [row.shown for row in found.rows] == [True] + [False] * (len(found.rows) - 1)
    assert found.rows[0].receipt == good.receipt
    assert len(found.rows) == (4 if way == "family" else 3)
    assert all(classes.page_image(world.teacher, row.photo_id) for row in found.rows if row.pictured)


def test_what_the_family_sent_is_known_when_the_pile_brings_it_again(world: World) -> None:
    world.by_family("scan")
    pile = piles.open_pile(world.teacher)
    assert world.in_pile(pile, "scan").outcome == "duplicate"
    assert pile_results.result(world.teacher, pile.id).repeated == 1


def test_a_sheet_that_was_not_handed_out_is_told(world: World) -> None:
    world.own.state, world.own.issued = SheetState.PRINTED, False
    db.session.commit()
    pile = piles.open_pile(world.teacher)
    assert world.in_pile(pile, "scan").outcome == "not_issued"


@pytest.mark.parametrize(("fate", "outcome"), [("superseded", "matched"), ("revoked", "revoked")])
def test_an_older_copy_counts_and_a_revoked_one_does_not(world: World, fate: str, outcome: str) -> None:
    leaf = db.session.get_one(Leaf, OWN)
    if fate == "revoked":
        leaf.revoked_at = world.own.updated_at
    else:
        leaf.superseded_by = OTHER_CHILD
    db.session.commit()
    assert world.by_family("scan").outcome == outcome
    verdict = families.answer(Opened(world.own.id, None), world.own.photos[0].receipt, True).verdict
    assert verdict.sign == (Sign.GOOD if outcome == "matched" else Sign.AGAIN)
    pile = piles.open_pile(world.teacher)
    assert world.in_pile(pile, "webp").outcome == outcome
    strange = pile_results.result(world.teacher, pile.id).strange
    assert [line.sheet_id for line in strange] == ([] if outcome == "matched" else [world.own.id])


@pytest.mark.slow
def test_a_phone_of_200_megapixels_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    USED.add(HUGE.picture)
    assert world.by_family(HUGE.picture).outcome == HUGE.family
    pile = piles.open_pile(world.teacher)
    assert world.in_pile(pile, HUGE.picture).outcome == "duplicate"
