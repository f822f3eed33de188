"""Life in the demo: the first school unlocked, one class printed, handed out, photographed and read.

Nothing is put into the tables by hand: codes, printing, photographs and readings go the way of real ones.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from uuid import UUID

import pypdfium2
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from portal.commands import demo_families
from portal.commands.demo_province import PASSWORD
from portal.models import Leaf, Place, Sheet, db
from portal.paper import layout
from portal.paper.layout import Box
from portal.rules.numbers import leaf_of
from portal.rules.roles import Actor
from portal.rules.workflow import SheetMove
from portal.services import accounts, checking, decisions, leading, photos, readings, sheets, unlocking
from portal.services.figures import fold_all
from portal.services.lists import classes_of
from portal.services.print_content import Selection
from portal.services.print_runs import hand_out_classes
from portal.services.printing import print_now

DPI = 200
INK = (30, 48, 140)


def bring_to_life(school: Place, registrar: Actor) -> None:
    """Print and hand out one class of an unlocked school. Three families of four send their photo; of the others one
    has an account, one asks, two bring the paper to school and one is away."""
    class_ = classes_of(school.id)[-1]
    pdf = io.BytesIO()
    done = print_now(registrar, Selection(class_ids=(class_.id,)), pdf)
    hand_out_classes(registrar, [class_.id])
    leaves = [leaf_of(text) for _number, text, _page in done.sheets]
    later = [_sheet_id(leaf) for n, leaf in enumerate(leaves) if n % 4 == 3]
    brought: list[bytes] = []
    for n, (leaf, picture) in enumerate(zip(leaves, _fronts(pdf), strict=True)):
        if n % 4 != 3:
            _send(leaf, _written_on(picture, n))
        elif len(brought) < 2 and n > 4:
            brought.append(_written_on(demo_families.without_marks(picture) if brought else picture, n))
    _families(later)
    _a_days_work(class_.id, brought)
    fold_all()


def _sheet_id(leaf: int) -> UUID:
    return db.session.get_one(Leaf, leaf).sheet_id


def _families(later: list[UUID]) -> None:
    if later:
        demo_families.claim_and_check(later[0])
    if len(later) > 3:
        demo_families.ask(later[3])
    if len(later) > 4:
        sheets.set_cause(_signed_in("teacher"), db.session.get_one(Sheet, later[4]), "away")


def _signed_in(login: str) -> Actor:
    actor = accounts.actor_of(accounts.sign_in(login, PASSWORD))
    assert actor is not None
    return actor


def unlock() -> Actor:
    """The first school's registrar after unlocking it: the code is seen in one sign-in, typed in another (B7)."""
    seeing, typing = _signed_in("registrar"), _signed_in("registrar")
    unlocking.enter_code(typing, unlocking.show_code(seeing))
    return typing


def _fronts(pdf: io.BytesIO) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf.getvalue())
    for number in range(0, len(document), 2):
        yield document[number].render(scale=DPI / 72).to_pil().convert("RGB")


def _written_on(picture: Image.Image, n: int) -> bytes:
    """A signature on all, a new telephone number on every third, another postcode on every seventh."""
    chance = random.Random(n)
    page = layout.current().page(1)
    _sign(picture, page.box("parent_signature", "signature"), chance)
    if n % 3 == 0:
        _write(picture, page.box("phone", "change"), f"154{chance.randrange(10**8):08d}")
    if n % 7 == 0:
        _write(picture, page.box("postcode", "change"), f"{chance.randrange(100000, 999999)}")
    return _on_a_table(picture)


def _on_a_table(picture: Image.Image) -> bytes:
    """Paper in ordinary light on a darker table, as a phone sees it."""
    width, height = picture.size
    table = Image.new("RGB", (width + 160, height + 160), (112, 96, 80))
    table.paste(picture.point(lambda v: int(v * 0.86)), (80, 80))
    out = io.BytesIO()
    table.rotate(1.5, Image.Resampling.BICUBIC, fillcolor=(112, 96, 80)).save(out, "JPEG", quality=80)
    return out.getvalue()


def _pixels(mm: float) -> float:
    return mm * DPI / 25.4


def _sign(picture: Image.Image, box: Box, chance: random.Random) -> None:
    left, top = _pixels(box.x_mm + 4), _pixels(box.y_mm + 2)
    width, height = _pixels(min(box.w_mm - 8, 30)), _pixels(box.h_mm - 4)
    points = [(left + width * t / 24, top + height * chance.uniform(0.05, 0.95)) for t in range(25)]
    ImageDraw.Draw(picture).line(points, fill=INK, width=3, joint="curve")


def _write(picture: Image.Image, box: Box, text: str) -> None:
    size = int(_pixels(min(box.h_mm * 0.6, 4.4)))
    font = ImageFont.load_default(size)
    ImageDraw.Draw(picture).text((_pixels(box.x_mm + 2), _pixels(box.y_mm + 1.2)), text, fill=INK, font=font)


def _send(leaf: int, picture: bytes) -> None:
    row = db.session.get_one(Leaf, leaf)
    photo = photos.receive(row.sheet, picture, photos.Sender("family"))
    readings.read_now(photo, wait=30.0, seconds=readings.SECONDS)


def _a_days_work(class_id: UUID, brought: list[bytes]) -> None:
    """The class teacher has sent what was brought and looked through half of the sheets; the leader has passed a few
    and can still take back the last decision."""
    teacher, leader = _signed_in("teacher"), _signed_in("leader")
    demo_families.send_pile(teacher, brought)
    query = select(Sheet).where(Sheet.class_id == class_id, Sheet.readable, Sheet.signed).order_by(Sheet.id)
    checked = list(db.session.scalars(query))[::2]
    for sheet in checked:
        checking.check(teacher, sheet.id, sheet.version, checking.Eyes(changed=sheet.written > 0))
    half = (len(checked) + 1) // 2
    if half:
        leading.pass_sheets(leader, [sheet.id for sheet in checked[:half]])
    if checked[half:]:
        decisions.decide(leader, {checked[half].id: checked[half].version}, SheetMove.PASS)
