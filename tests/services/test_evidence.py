"""Photos of documents: what is taken, what is kept, who sees it, and what a stranger's file may try (E3, X8)."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD
from sqlalchemy import select

from portal.jobs.children import ChildBusy, ChildDied, ChildTimeout
from portal.models import Evidence, Sheet, Step, db
from portal.paper import documents
from portal.rules.evidence import documents_for
from portal.rules.roles import Role
from portal.rules.workflow import SheetState
from portal.services import evidence, photos, readings, viewing
from portal.services.refusals import Away, NotFound, Refusal, TooLate
from tests.make import Make
from tests.photographs import jpeg
from tests.services.test_family_check import Family


class Inside:
    """Stands in for the child process: does its work here."""

    def __init__(self) -> None:
        self.fails: Exception | None = None

    def call(self, data: bytes, arguments: dict[str, Any], timeout: float, wait: float) -> tuple[dict, list[bytes]]:
        if self.fails:
            raise self.fails
        assert arguments == {"document": True}
        return documents.entry(data, arguments)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Inside:
    inside = Inside()
    monkeypatch.setattr(readings, "readers", lambda: inside)
    return inside


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED)


@pytest.fixture
def family(make: Make, sheet: Sheet, child: Inside) -> Family:
    family = Family(make, sheet)
    family.save("name", "林小验")
    return family


def document(shade: int = 0) -> bytes:
    """A photo of a document; another shade is another photo."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), (shade, 128, 128)).save(out, "JPEG")
    return out.getvalue()


def send(family: Family, data: bytes | None = None, item: str = "name", kind: str = "HUKOU_SCAN") -> None:
    evidence.send(family.actor, family.child, item, kind, document() if data is None else data)


def rows() -> list[Evidence]:
    return list(db.session.scalars(select(Evidence).order_by(Evidence.at)))


def test_a_picture_is_kept_bare_and_shown_to_its_sender(family: Family, sheet: Sheet) -> None:
    send(family)
    (row,) = rows()
    assert (row.item, row.kind, row.sheet_id, row.path) == ("name", "HUKOU_SCAN", sheet.id, sheet.path)
    (shown,) = evidence.needed(family.actor, family.child, "name").shown
    assert shown.own
    for large in (False, True):
        picture = Image.open(io.BytesIO(evidence.own_picture(family.actor, family.child, row.id, large)))
        assert picture.format == "JPEG"
    step = db.session.scalars(select(Step).where(Step.thing_id == row.id)).one()
    assert step.move == "SEND_EVIDENCE"
    assert set(step.details) == {"item", "kind", "size"}


def test_nothing_but_the_pixels_is_stored(family: Family) -> None:
    """sec-U22, sec-U23: where it was taken and what hangs behind the picture is gone."""
    picture, out = Image.new("RGB", (800, 600), "white"), io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (39.0, 54.0, 20.0)
    exif[0x010E] = "SECRET PLACE"
    picture.save(out, "JPEG", exif=exif, comment=b"SECRET WORDS")
    send(family, out.getvalue() + b"<script>SECRET</script>")
    (row,) = rows()
    stored = photos.content_of(row.address, row.school_id, row.round_id)
    assert b"SECRET" not in stored
    assert b"Exif" not in stored


def test_a_large_picture_is_made_bounded_and_upright(family: Family) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4000, 3000), "white").save(out, "JPEG", exif=exif)
    send(family, out.getvalue())
    (row,) = rows()
    whole = Image.open(io.BytesIO(evidence.own_picture(family.actor, family.child, row.id, large=True)))
    assert whole.size == (1200, 1600)


def test_the_same_photo_twice_is_there_once(family: Family) -> None:
    data = document()
    send(family, data)
    send(family, data)
    assert len(rows()) == 1
    evidence.remove(family.actor, family.child, rows()[0].id)
    send(family, data)
    assert [row.removed_at for row in rows()] == [None]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"GIF89a" + b"\0" * 50,
        b"PK\x03\x04" + b"\0" * 50,
        b"\xff\xd8\xff\xe0" + b"\0" * 3,
        b"\xd0\xcf\x11\xe0" + b"\0" * 50,
        jpeg((10, 10)),
        jpeg((600, 400))[:300],
        b"x" * 20_000_001,
    ],
)
def test_what_is_no_photo_is_refused_in_words(family: Family, data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        send(family, data)
    assert refused.value.status == 400
    assert rows() == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [(ChildBusy("x"), Away), (ChildDied("x"), Refusal), (ChildTimeout("x"), Refusal)],
)
def test_a_child_that_is_busy_or_dies_leaves_nothing_behind(
    family: Family, child: Inside, error: Exception, expected: type[Refusal]
) -> None:
    child.fails = error
    with pytest.raises(expected):
        send(family)
    assert rows() == []


def test_only_changed_items_that_need_a_document_take_one(family: Family) -> None:
    for item in ("sex", "phone", "class_no", "nothing"):
        with pytest.raises(NotFound):
            send(family, item=item)
        db.session.rollback()
    with pytest.raises(Refusal):
        send(family, kind="DISABILITY_CERT")


def test_one_picture_speaks_for_every_item_it_fits(family: Family) -> None:
    family.save("ethnic_group", "02")
    family.save("id_number", "990101201403120157")
    send(family)
    assert len(evidence.needed(family.actor, family.child, "id_number").shown) == 1


def test_there_is_an_end_to_the_number_of_pictures(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MOST_SHOWN", 2)
    send(family, document(0))
    send(family, document(200))
    with pytest.raises(Refusal):
        send(family)


def test_the_other_guardian_knows_of_it_and_does_not_see_it(make: Make, family: Family, sheet: Sheet) -> None:
    other = Family(make, sheet)
    send(family)
    (row,) = rows()
    (shown,) = evidence.needed(other.actor, other.child, "name").shown
    assert not shown.own
    with pytest.raises(NotFound):
        evidence.own_picture(other.actor, other.child, row.id, large=True)
    with pytest.raises(NotFound):
        evidence.remove(other.actor, other.child, row.id)


def test_another_child_of_the_same_guardian_is_no_door(make: Make, family: Family) -> None:
    send(family)
    stranger = Family(make, make.sheet(SheetState.ISSUED))
    for row_id in (rows()[0].id, uuid4()):
        with pytest.raises(NotFound):
            evidence.own_picture(stranger.actor, stranger.child, row_id, large=False)


def test_removed_or_closed_nothing_moves(family: Family, sheet: Sheet) -> None:
    send(family, document(0))
    send(family, document(200))
    first, second = rows()
    assert evidence.remove(family.actor, family.child, first.id) == "name"
    with pytest.raises(NotFound):
        evidence.own_picture(family.actor, family.child, first.id, large=False)
    db.session.get_one(Sheet, sheet.id).state = SheetState.CHECKED
    db.session.commit()
    with pytest.raises(TooLate):
        evidence.remove(family.actor, family.child, second.id)
    db.session.rollback()
    with pytest.raises(TooLate):
        send(family)
    db.session.rollback()
    assert evidence.own_picture(family.actor, family.child, second.id, large=False)


def test_reading_it_is_a_full_view_of_the_office_and_everyday_for_the_class_teacher(
    make: Make, family: Family, sheet: Sheet
) -> None:
    """sec-A34"""
    send(family)
    (row,) = rows()
    teacher, leader = make.actor(Role.TEACHER, sheet.class_), make.actor(Role.LEADER, sheet.school)
    for actor in (teacher, leader):
        evidence.picture(actor, row.id, large=False)
        assert viewing.seen_today(actor) == 0
        evidence.picture(actor, row.id, large=True)
    assert (viewing.seen_today(teacher), viewing.seen_today(leader)) == (0, 1)
    looks = db.session.scalars(select(Step).where(Step.move == viewing.EVIDENCE)).all()
    assert [(one.thing_id, one.by_id) for one in looks] == [(sheet.id, leader.user_id)]


def test_the_school_sees_it_and_nobody_elsewhere(make: Make, family: Family, sheet: Sheet) -> None:
    send(family)
    (row,) = rows()
    for role, place in ((Role.TEACHER, sheet.class_), (Role.REGISTRAR, sheet.school), (Role.LEADER, sheet.school)):
        assert evidence.picture(make.actor(role, place), row.id, large=False)
    other = make.actor(Role.TEACHER, make.class_(code="2021107"))
    with pytest.raises(NotFound):
        evidence.picture(other, row.id, large=False)
    evidence.remove(family.actor, family.child, row.id)
    with pytest.raises(NotFound):
        evidence.picture(make.actor(Role.LEADER, sheet.school), row.id, large=False)


@pytest.mark.parametrize(
    ("item", "values", "kinds"),
    [
        ("name", {"id_doc_type": "1"}, ("HUKOU_SCAN", "ID_CARD_SCAN")),
        ("id_number", {"id_doc_type": "1"}, ("HUKOU_SCAN", "ID_CARD_SCAN", "ID_RECEIPT")),
        ("id_number", {"id_doc_type": "A"}, ("FOREIGN_DOC",)),
        ("id_doc_type", {"id_doc_type": "Z"}, ("NO_ID_CERT", "OTHER")),
        ("sex", {"id_doc_type": "Z"}, ("HUKOU_SCAN", "OTHER")),
        ("orphan", {"orphan": "1"}, ("AUTHORITY_CERT",)),
        ("orphan", {"orphan": "0"}, ()),
        ("health_status", {"health_status": "50"}, ("DISABILITY_CERT",)),
        ("phone", {}, ()),
    ],
)
def test_which_document_is_needed(item: str, values: dict[str, str], kinds: tuple[str, ...]) -> None:
    assert documents_for(item, values) == kinds
