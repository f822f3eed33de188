"""One sheet as the class teacher looks it through: the picture, what was written where, and what may be done now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.models import Photo, Sheet, db
from portal.paper import layout
from portal.rules.codes import printed
from portal.rules.items import ITEMS, Item
from portal.rules.roles import Actor
from portal.rules.standing import Group, Standing, standing_of
from portal.rules.workflow import SheetMove, SheetState, moves_from
from portal.services import checking, lists, photos, readings, sampling
from portal.services.classes import ClassList, class_list
from portal.services.entry_lines import Line, lines_of
from portal.services.verdicts import Verdict, verdict_of

#: a photo that is shown, or shown to be recognised, needs no further words
_SHOWN = frozenset({"matched", "unknown"})


@dataclass(frozen=True)
class Written:
    """One box with ink: what was printed, what was ticked, and whether its handwriting can be shown; `told` says
    (message id) where the family says otherwise on the screen."""

    item: Item
    printed: str
    ticked: tuple[str, ...]
    cropped: bool
    told: str | None = None


@dataclass(frozen=True)
class Picture:
    """The photo that is shown: where ink is, in percent of the page (x, y, width, height)."""

    photo_id: UUID
    at: datetime
    source: str
    places: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True)
class Look:
    """A sheet on the teacher's screen. `last`: what became of the newest photo if it is not shown; `drawn`: nothing was
    seen written, and somebody must say whether that is so."""

    sheet_id: UUID
    class_id: UUID
    version: int
    seat: str
    name: str
    own: bool
    standing: Standing
    state: SheetState
    issued: bool
    returned: bool
    received: bool
    signed: bool
    is_read: bool
    cause: str
    note: str
    picture: Picture | None
    written: tuple[Written, ...]
    last: Verdict | None
    last_at: datetime | None
    waiting: bool
    unrecognised: tuple[UUID, ...]
    may_check: bool
    may_send_back: bool
    typed: tuple[Line, ...] = ()
    drawn: bool = False


@dataclass(frozen=True)
class Walk:
    """Where a sheet stands in the row of those to be looked through."""

    position: int
    total: int
    previous_id: UUID | None
    next_id: UUID | None


def look(actor: Actor, sheet_id: UUID, lang: str = "zh") -> Look:
    """A sheet inside the actor's place; raises `NotFound`."""
    sheet = lists.find(actor, Sheet, sheet_id)
    shown = db.session.get(Photo, sheet.photo_id) if sheet.photo_id else None
    last = max(sheet.photos, key=lambda photo: photo.received_at, default=None)
    strange = tuple(photo.id for photo in sheet.photos if photo.outcome == "unknown")
    state, own = SheetState(sheet.state), actor.place_id == sheet.class_id
    record, lines = sheet.pupil.record, lines_of(sheet, lang)
    told = {line.item.code: line.told for line in lines}
    may_check, is_read = SheetMove.CHECK in moves_from(state), checking.is_read(sheet)
    return Look(
        sheet_id=sheet.id,
        class_id=sheet.class_id,
        version=sheet.version,
        seat=record.get("class_seat_number", ""),
        name=checking.name_of(sheet, own),
        own=own,
        standing=standing_of(sheet, bool(strange)),
        state=state,
        issued=sheet.issued,
        returned=sheet.returned,
        received=sheet.received,
        signed=sheet.signed,
        is_read=is_read,
        cause=sheet.cause or "",
        note=(sheet.note or "") if sheet.sent_back else "",
        picture=_picture(shown) if shown and shown.flat_address else None,
        written=tuple(_written(sheet, shown, told, lang)) if shown else (),
        last=verdict_of(readings.answer_of(last)) if last and last.outcome not in _SHOWN else None,
        last_at=last.received_at if last else None,
        waiting=any(photo.outcome == "waiting" for photo in sheet.photos),
        unrecognised=strange,
        may_check=may_check,
        may_send_back=SheetMove.SEND_BACK in moves_from(state),
        typed=tuple(line for line in lines if line.by_family or line.cleared or line.asked),
        drawn=may_check and is_read and sampling.asks(sheet),
    )


def _seen(photo: Photo) -> dict[str, dict[str, Any]]:
    return photo.reading.seen["written"] if photo.reading else {}


def _picture(photo: Photo) -> Picture:
    leaf = photos.leaf_of(photo.leaf_number) if photo.leaf_number is not None else None
    places: list[tuple[float, float, float, float]] = []
    if leaf is not None:
        page = layout.by_version(leaf.layout_version).page(1)
        for box in page.boxes:
            if box.kind == "change" and box.item in _seen(photo):
                across, down = 100 / page.width_mm, 100 / page.height_mm
                corners = (box.x_mm * across, box.y_mm * down, box.w_mm * across, box.h_mm * down)
                places.append((round(corners[0], 2), round(corners[1], 2), round(corners[2], 2), round(corners[3], 2)))
    return Picture(photo.id, photo.received_at, photo.source, tuple(places))


def _written(sheet: Sheet, photo: Photo, told: dict[str, str | None], lang: str) -> Iterator[Written]:
    seen, record = _seen(photo), sheet.pupil.record
    for code, item in ITEMS.items():
        if code in seen:
            ticked = tuple(o if o == "same" else printed(code, o, lang) for o in seen[code]["ticked"])
            was, cropped = printed(code, record.get(code, ""), lang), bool(seen[code]["crop"])
            yield Written(item, was, ticked, cropped, told.get(code))


def walk(actor: Actor, sheet: Look) -> Walk:
    """The neighbours of a sheet among those waiting for the teacher, else among its like."""
    group = sheet.standing.group
    ids = [row.sheet_id for row in class_list(actor, sheet.class_id).of(group)]
    here = ids.index(sheet.sheet_id) if sheet.sheet_id in ids else 0
    following = ids[here + 1] if here + 1 < len(ids) else None
    return Walk(here + 1, len(ids), ids[here - 1] if here else None, following)


def next_waiting(actor: Actor, class_id: UUID, after: UUID) -> UUID | None:
    """The next sheet that waits for the teacher behind `after`, from the front again at the end."""
    listed: ClassList = class_list(actor, class_id)
    ids = [row.sheet_id for row in listed.rows]
    here = ids.index(after) if after in ids else -1
    round_again = [*listed.rows[here + 1 :], *listed.rows[: max(here, 0)]]
    return next((row.sheet_id for row in round_again if row.standing.group == Group.WAITING), None)


@dataclass(frozen=True)
class Accepted:
    """The sheet accepted just before, which can be taken back."""

    sheet_id: UUID
    seat: str
    name: str


def accepted(actor: Actor, sheet_id: UUID | None) -> Accepted | None:
    """What this person accepted a moment ago; None when there is nothing to take back."""
    if sheet_id is None or checking.accepted_by(actor, sheet_id) is None:
        return None
    sheet = lists.find(actor, Sheet, sheet_id)
    seat = sheet.pupil.record.get("class_seat_number", "")
    return Accepted(sheet.id, seat, checking.name_of(sheet, actor.place_id == sheet.class_id))
