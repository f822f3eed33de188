"""One item's handwriting, pupil after pupil: which rows an operator has before them, and what becomes of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.models import Change, Photo, Place, Pupil, Sheet, db
from portal.rules.checks_round import check_maintenance
from portal.rules.clock import now
from portal.rules.items import ITEMS, PARENT_ITEMS, Item
from portal.rules.masks import mask_id, mask_name, mask_phone
from portal.rules.places import is_below
from portal.rules.roles import Actor, Level
from portal.rules.undoing import UNDO_FOR, can_undo, due_at
from portal.rules.words import N_
from portal.services import column_claims, entry, lists, place_settings
from portal.services.entry_lines import Line, done_line, line_of
from portal.services.refusals import NotFound, Refusal, TooLate

#: so many rows an operator has before them at once; more come as they are done
BATCH = 20
#: what needs no more than a glance to be told apart
_MASKS = {"phone": mask_phone, "id_number": mask_id}


@dataclass(frozen=True)
class Heap:
    """An item with handwriting that waits; `by_application`: not typed in, because it needs evidence (H1, G8)."""

    item: Item
    open: int
    by_application: bool


@dataclass(frozen=True)
class Row:
    """One pupil's handwriting of the item. `old` is what is registered, numbers masked; `unsure`: the machine could not
    say whether anything is written there; `can_undo`: what the actor has just entered can be taken back."""

    change: Change
    line: Line
    sheet: Sheet
    seat: str
    name: str
    old: str
    unsure: bool = False
    can_undo: bool = False


@dataclass(frozen=True)
class Column:
    """The rows before an operator. `open` counts all that wait in the class or school, `free` those that nobody has,
    `others` who has how many of the rest."""

    item: Item
    class_: Place | None
    rows: tuple[Row, ...]
    open: int
    free: int
    others: tuple[tuple[str, int], ...]

    @property
    def mine(self) -> int:
        """Rows before the operator that still wait."""
        return sum(row.change.outcome == "open" for row in self.rows)


def heaps(actor: Actor, class_id: UUID | None = None) -> list[Heap]:
    """Every item with handwriting to enter in a class, or in the school, in the order of the registry."""
    query = select(Change.item, func.count()).join(Sheet, Sheet.id == Change.sheet_id)
    query = query.where(*_in(actor, class_id), Change.outcome == "open").group_by(Change.item)
    counts = {item: n for item, n in db.session.execute(query)}
    controlled = place_settings.controlled_items(actor.path)
    return [
        Heap(item, counts[code], code in controlled or bool(check_maintenance([code])))
        for code, item in ITEMS.items()
        if code in counts
    ]


def class_chosen(actor: Actor, class_id: UUID | None) -> Place | None:
    """The class that was chosen, none for the whole school; raises `NotFound` for one outside the place."""
    if class_id is None:
        return None
    place = lists.find(actor, Place, class_id)
    if place.level != Level.CLASS:
        raise NotFound
    return place


def _in(actor: Actor, class_id: UUID | None) -> list[ColumnElement[bool]]:
    chosen = [] if class_id is None else [Sheet.class_id == class_id]
    return [*entry.to_enter(actor), *chosen]


def item_of(actor: Actor, code: str) -> Item:
    """An item that is typed in; raises `NotFound` for what no family corrects, `Refusal` for what needs evidence."""
    if code not in PARENT_ITEMS:
        raise NotFound
    if check_maintenance([code]) or place_settings.is_controlled(actor.path, code):
        raise Refusal(N_("这一项要带证件走申请，不在这里录。"))
    return ITEMS[code]


def claim(actor: Actor, code: str, class_id: UUID | None = None) -> int:
    """Take the next free rows of an item, up to `BATCH` before the actor at once; returns how many were taken. Classes
    come one after the other, pupils by their number. Commits."""
    item_of(actor, code)
    class_chosen(actor, class_id)
    moment = now()
    column_claims.renew(actor)
    waiting = _waiting(actor, code, class_id)
    own = db.session.scalar(waiting.with_only_columns(func.count()).where(column_claims.is_mine(actor, moment))) or 0
    free = waiting.where(column_claims.is_free(moment))
    chosen = _first(free, BATCH - own)
    locked = select(Change.id).where(Change.id.in_(chosen), Change.outcome == "open")
    locked = locked.where(column_claims.is_free(moment)).with_for_update(skip_locked=True)
    taken = list(db.session.scalars(locked))  # those that nobody was faster with
    column_claims.take(actor, taken)
    db.session.commit()
    return len(taken)


def _waiting(actor: Actor, code: str, class_id: UUID | None) -> Select[UUID, str, UUID]:
    query = select(Change.id, Sheet.path, Sheet.pupil_id).join(Sheet, Sheet.id == Change.sheet_id)
    return query.where(*_in(actor, class_id), Change.item == code, Change.outcome == "open")


def _first(free: Select[UUID, str, UUID], most: int) -> list[UUID]:
    """The first so many: class by class, so that no more records are opened than needed."""
    chosen: list[UUID] = []
    found = db.session.execute(free.order_by(Sheet.path, Sheet.id)).all() if most > 0 else []
    for _path, group in groupby(found, key=lambda row: row.path):
        if len(chosen) >= most:
            break
        rows = list(group)
        pupils = db.session.scalars(select(Pupil).where(Pupil.id.in_([row.pupil_id for row in rows])))
        order = {pupil.id: lists.seat_order(pupil.record) for pupil in pupils}
        chosen += [row.id for row in sorted(rows, key=lambda row: order[row.pupil_id])]
    return chosen[: max(most, 0)]


def column(actor: Actor, code: str, class_id: UUID | None = None, lang: str = "zh") -> Column:
    """What the actor has before them: rows taken, and those entered in the last minutes, which can be taken back."""
    item, class_, moment = item_of(actor, code), class_chosen(actor, class_id), now()
    recent = (Change.entered_by_id == actor.user_id) & (Change.entered_at > moment - UNDO_FOR)
    waits = (Change.outcome == "open") & column_claims.is_mine(actor, moment)
    query = select(Change).join(Sheet, Sheet.id == Change.sheet_id).where(*_in(actor, class_id), Change.item == code)
    found = db.session.scalars(query.where(waits | (recent & (Change.outcome != "open"))).options(*WHOLE))
    rows = sorted(_rows(actor, found, lang), key=lambda row: (row.sheet.path, lists.seat_order(row.sheet.pupil.record)))
    counts = _counts(actor, code, class_id)
    own = counts.pop(actor.user_id, 0)
    free, others = counts.pop(None, 0), tuple((column_claims.name_of(who), n) for who, n in counts.items() if who)
    return Column(item, class_, tuple(rows), own + free + sum(n for _, n in others), free, others)


#: what a row needs of its sheet, in few queries
_WHOSE = (joinedload(Sheet.pupil), joinedload(Sheet.class_))
WHOLE = (joinedload(Change.sheet).options(*_WHOSE, selectinload(Sheet.changes)),)


def _counts(actor: Actor, code: str, class_id: UUID | None) -> dict[UUID | None, int]:
    """Who has how many of the rows that wait; None has those that are free."""
    moment = now()
    query = _waiting(actor, code, class_id).with_only_columns(Change.claimed_by_id, Change.claimed_until)
    counts: dict[UUID | None, int] = {}
    for who, until in db.session.execute(query):
        key = who if until is not None and until > moment else None
        counts[key] = counts.get(key, 0) + 1
    return counts


def _rows(actor: Actor, changes: Iterable[Change], lang: str) -> list[Row]:
    changes = list(changes)
    photos = [change.sheet.photo_id for change in changes if change.sheet.photo_id]
    query = select(Photo).where(Photo.id.in_(photos)).options(joinedload(Photo.reading))
    # kept, so that no row asks for its own
    known: dict[UUID | None, Photo] = {photo.id: photo for photo in db.session.scalars(query)}
    moment = now()
    return [_row(actor, change, known.get(change.sheet.photo_id), (lang, moment)) for change in changes]


def _row(actor: Actor, change: Change, photo: Photo | None, how: tuple[str, datetime]) -> Row:
    sheet, (lang, moment) = change.sheet, how
    record, open_ = sheet.pupil.record, change.outcome == "open"
    seen = photo.reading.seen["written"] if photo is not None and photo.reading is not None else {}
    line = line_of(sheet, change.item, lang) if open_ else done_line(change, lang)
    return Row(
        change=change,
        line=line,
        sheet=sheet,
        seat=record.get("class_seat_number", ""),
        name=mask_name(record["name"]),
        old=_MASKS.get(line.item.type, str)(line.was),
        unsure=seen.get(change.item, {}).get("state") == "unsure",
        can_undo=is_own(actor, change, moment),
    )


def row(actor: Actor, change_id: UUID, lang: str = "zh") -> Row:
    """One row as it is now; raises `NotFound` when it is gone or outside the place."""
    query = select(Change).where(Change.id == change_id, lists.inside(Change.path, actor))
    change = db.session.scalar(query.options(joinedload(Change.sheet).options(*_WHOSE)))
    if change is None:
        raise NotFound
    if change.outcome != "open":
        return _row(actor, change, None, (lang, now()))
    return _rows(actor, [change], lang)[0]


def item_of_row(actor: Actor, change_id: UUID) -> str:
    """The item of a row; raises `NotFound` when it is gone or outside the place."""
    return lists.find(actor, Change, change_id).item


@dataclass(frozen=True)
class Whose:
    """Whose row it is: number and masked name."""

    seat: str
    name: str


def whose(actor: Actor, change_id: UUID) -> Whose:
    """Whose row it is; a row that is gone is nobody's."""
    change = db.session.get(Change, change_id)
    if change is None or not is_below(change.path, actor.path):
        return Whose("", "")
    record = change.sheet.pupil.record
    return Whose(record.get("class_seat_number", ""), mask_name(record["name"]))


def is_there(actor: Actor, change_id: UUID) -> bool:
    """False for a row that went because nothing is written there."""
    query = select(Change.id).where(Change.id == change_id, lists.inside(Change.path, actor))
    return db.session.scalar(query) is not None


def is_own(actor: Actor, change: Change, moment: datetime) -> bool:
    """True for what the actor has decided in the last minutes."""
    if change.outcome == "open" or change.entered_at is None or change.entered_by_id != actor.user_id:
        return False
    return can_undo(due_at(change.entered_at), moment)


def save(actor: Actor, change_id: UUID, version: int, raw: str) -> Change:
    """Save one value, or correct what the actor has just saved. Commits.

    Nothing typed saves nothing unless the family asked to clear the item. Raises what `entry.enter_value` raises, and
    `TooLate` for a row that has its verdict.
    """
    change = lists.find(actor, Change, change_id)
    if change.outcome != "open" and not is_own(actor, change, now()):
        raise TooLate(N_("这一项已经处理过了。"))
    if not raw.strip() and change.values.get("typed") != "":
        raise Refusal(N_("这一处还没有填。纸上没有写字请按“没写字”，看不清请按“看不清”。"))
    return entry.enter_value(actor, change_id, raw, version)
