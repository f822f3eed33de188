"""Families in the demo: accounts, a checked record, a question; a pile with a page that no machine can name."""

from __future__ import annotations

from uuid import UUID

from PIL import Image, ImageDraw
from sqlalchemy import select

from portal.commands.demo_province import PASSWORD
from portal.models import RegistrationCode, Sheet, db
from portal.rules import consent
from portal.rules.check_groups import GROUPS
from portal.rules.roles import Actor
from portal.services import accounts, claims, doors, family_changes, piles, readings, tickets
from portal.services.family_changes import Answer

#: the mobile number of the demo's first family, which is its login
PHONE = "15400000001"
SECOND_PHONE = "15400000002"


def claim_and_check(sheet_id: UUID) -> None:
    """A mother has an account, has checked all groups and corrected two items; the father waits for the teacher."""
    mother = claim(sheet_id, PHONE, "52")
    child = claims.live_of(db.session.get_one(Sheet, sheet_id).pupil_id)[0].id
    typed = {"contact": {"postcode": Answer("990102", 0), "phone": Answer(PHONE, 0)}}
    for group in GROUPS:
        family_changes.save(mother, child, group.code, typed.get(group.code, {}), confirm=True)
    claim(sheet_id, SECOND_PHONE, "51")


def claim(sheet_id: UUID, phone: str, relation: str) -> Actor:
    """An account of a guardian with this mobile number, opened with the code of page 2."""
    sheet = db.session.get_one(Sheet, sheet_id)
    record = sheet.pupil.record
    answer = (record.get("id_number") or record["student_number"])[-4:]
    live = (RegistrationCode.sheet_id == sheet.id, RegistrationCode.live)
    selector = db.session.scalars(select(RegistrationCode.selector).where(*live)).one()
    given = claims.Claim(answer, relation, consent.VERSION, "zh", phone, PASSWORD)
    claimed = claims.claim(selector, given, None)
    actor = accounts.actor_of(claimed.token or "")
    assert actor is not None
    return actor


def ask(sheet_id: UUID) -> None:
    """A family without account asks on the page of its paper."""
    opened = doors.of_sheet(db.session.get_one(Sheet, sheet_id))
    words = "孩子上个月改了名字，户口簿也换了，表上直接写新名字行吗？"
    tickets.ask(tickets.Asker(None), words, "parents.landing", opened)


def send_pile(teacher: Actor, pictures: list[bytes]) -> None:
    """The class teacher sends photos of the sheets that were brought to school."""
    pile = piles.open_pile(teacher)
    for picture in pictures:
        readings.read_now(piles.add(teacher, pile.id, picture), wait=30.0, seconds=readings.SECONDS)


def without_marks(picture: Image.Image) -> Image.Image:
    """A copy of a front page on which slips of paper lie over the marks and the QR: a person must say whose it is."""
    covered = picture.copy()
    width, height = covered.size
    draw = ImageDraw.Draw(covered)
    for box in ((0, 0, width, height * 0.12), (0, height * 0.94, width, height)):
        draw.rectangle(box, fill=(236, 232, 222))
    return covered
