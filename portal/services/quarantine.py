"""Pages of a pile that no machine could name: the likeliest pupils, and a person who says whose each is.

What a person said is recorded, changed by nobody else's older screen, and can be taken back by saying so.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.models import Leaf, Photo, Place, Sheet, Step, db
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.standing import Group, standing_of
from portal.rules.words import N_
from portal.rules.workflow import MOVES, SheetMove, SheetState
from portal.services import checking, lists, readings
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.sheets import move

#: outcomes of photos that a person may put to a pupil: not named, or named no sheet
OPEN = frozenset({"unknown", "not_a_sheet"})
#: so many are offered in one tap; without any evidence only while few sheets are missing
MOST_LIKELY = 3
FEW_MISSING = 6


@dataclass(frozen=True)
class Candidate:
    """A pupil whose sheet an unnamed page may be."""

    sheet_id: UUID
    seat: str
    name: str
    missing: bool


@dataclass(frozen=True)
class Unnamed:
    """One page without a name. `likely` fit what was seen of its marks; `missing` have not handed in; `others` have."""

    photo_id: UUID
    pile_id: UUID
    class_id: UUID | None
    class_name: str
    dismissed: bool
    likely: tuple[Candidate, ...]
    missing: tuple[Candidate, ...]
    others: tuple[Candidate, ...]
    classes: tuple[tuple[UUID, str], ...]

    @property
    def offered(self) -> tuple[Candidate, ...]:
        """Those to offer in one tap: whom the marks fit, else whoever is missing when these are few."""
        return self.likely or (self.missing if len(self.missing) <= FEW_MISSING else ())


def unnamed(actor: Actor, photo_id: UUID, class_id: UUID | None = None) -> Unnamed:
    """A page in quarantine with the pupils of its class, or of another of the actor's place; raises `NotFound`."""
    photo = _open(actor, photo_id)
    return _unnamed(actor, photo, _sheets(actor, photo, class_id), class_id)


def unnamed_of(actor: Actor, pile_id: UUID) -> dict[UUID, Unnamed]:
    """Photo id -> page in quarantine, for all of a pile that is the actor's."""
    query = select(Photo).options(joinedload(Photo.reading)).where(lists.inside(Photo.path, actor))
    found = db.session.scalars(query.where(Photo.pile_id == pile_id, Photo.outcome == "unknown")).all()
    sheets = _sheets(actor, found[0], None) if found else []
    return {photo.id: _unnamed(actor, photo, sheets, None) for photo in found}


def _open(actor: Actor, photo_id: UUID, lock: bool = False) -> Photo:
    photo = lists.find(actor, Photo, photo_id, lock=lock)
    if photo.pile is None:
        raise NotFound
    if photo.assigned_by_id is not None and photo.assigned_by_id != actor.user_id:
        raise TooLate(N_("别人刚才已经认过这张照片。请看一眼新的结果，不对可以撤销。"))
    if photo.sheet_id is not None:
        raise TooLate(N_("这张照片已经认过了。要改请先撤销。"))
    if photo.outcome not in OPEN or photo.flat_address is None:
        raise TooLate(N_("这张照片现在不用认。请看一眼新的结果。"))
    return photo


def pile_of(actor: Actor, photo_id: UUID) -> UUID:
    """The pile of a photo inside the actor's place; raises `NotFound` for a photo that came by itself."""
    photo = lists.find(actor, Photo, photo_id)
    if photo.pile_id is None:
        raise NotFound
    return photo.pile_id


def _sheets(actor: Actor, photo: Photo, class_id: UUID | None) -> list[Sheet]:
    """The sheets of the round in the chosen class, else in the pile's; none of a whole school before one is chosen."""
    assert photo.pile is not None
    class_id = checking.class_of(actor, class_id).id if class_id is not None else photo.pile.class_id
    if class_id is None:
        return []
    query = select(Sheet).options(joinedload(Sheet.pupil)).where(lists.inside(Sheet.path, actor))
    query = query.where(Sheet.round_id == photo.round_id, Sheet.class_id == class_id, Sheet.in_scope)
    return sorted(db.session.scalars(query), key=lambda sheet: lists.seat_order(sheet.pupil.record))


def _unnamed(actor: Actor, photo: Photo, sheets: list[Sheet], class_id: UUID | None) -> Unnamed:
    pile = photo.pile
    assert pile is not None
    likely = _likely(actor, photo)
    hinted = {sheet.id for sheet in likely}
    rest = [_candidate(actor, sheet) for sheet in sheets if sheet.id not in hinted]
    chosen = class_id or pile.class_id
    class_ = db.session.get(Place, chosen) if chosen else None
    return Unnamed(
        photo_id=photo.id,
        pile_id=pile.id,
        class_id=chosen,
        class_name=class_.name if class_ else "",
        dismissed=photo.outcome != "unknown",
        likely=tuple(_candidate(actor, sheet) for sheet in likely),
        missing=tuple(one for one in rest if one.missing),
        others=tuple(one for one in rest if not one.missing),
        classes=tuple((c.id, c.name) for c in lists.classes_of(pile.school_id)) if pile.path != _path(class_) else (),
    )


def _path(class_: Place | None) -> str | None:
    return class_.path if class_ is not None else None


def _likely(actor: Actor, photo: Photo) -> list[Sheet]:
    """The sheets whose marks fit what was seen, the best first, inside the actor's place and the pile's round."""
    hints = list(photo.reading.seen.get("likely", ())) if photo.reading is not None else []
    numbers = [n for n in (photo.leaf_number, *hints) if n is not None]
    query = select(Leaf.number, Sheet).join(Sheet, Leaf.sheet_id == Sheet.id).options(joinedload(Sheet.pupil))
    query = query.where(Leaf.number.in_(numbers), lists.inside(Sheet.path, actor), Sheet.round_id == photo.round_id)
    by_leaf = {key: value for key, value in db.session.execute(query)} if numbers else {}
    in_order: dict[UUID, Sheet] = {}
    for number in numbers:
        if number in by_leaf:
            in_order.setdefault(by_leaf[number].id, by_leaf[number])
    return list(in_order.values())[:MOST_LIKELY]


def _candidate(actor: Actor, sheet: Sheet) -> Candidate:
    values = sheet.pupil.record
    name = values["name"] if actor.place_id == sheet.class_id else mask_name(values["name"])
    missing = standing_of(sheet).group in (Group.MISSING, Group.REDO)
    return Candidate(sheet.id, values.get("class_seat_number", ""), name, missing)


def assign(actor: Actor, photo_id: UUID, sheet_id: UUID) -> UUID:
    """Say whose sheet a page shows: it counts as received, and who said so is kept with it. Commits.

    Raises `TooLate` when somebody was faster or the sheet was not handed out, `NotFound` outside the place or round.
    """
    photo = _open(actor, photo_id, lock=True)
    sheet, pile = lists.find(actor, Sheet, sheet_id, lock=True), photo.pile
    assert pile is not None, "only photos of piles are open"
    if sheet.round_id != photo.round_id or not sheet.path.startswith(pile.path):
        raise NotFound
    if not sheet.issued:
        raise TooLate(N_("这张表还没有登记下发，现在不能记。下发以后再认。"))
    if db.session.scalar(select(Photo.id).where(Photo.sheet_id == sheet.id, Photo.address == photo.address)):
        raise Refusal(N_("同一张照片已经在这个孩子名下了。"))
    was_sent_back = sheet.sent_back
    photo.sheet_id, photo.path, photo.outcome = sheet.id, sheet.path, "matched"
    photo.assigned_by_id = actor.user_id
    if (SheetState(sheet.state), SheetMove.RECEIVE) in MOVES:
        move(actor, sheet, SheetMove.RECEIVE, by="assigned")
    sheet.received = True
    if not sheet.readable and sheet.state == SheetState.RECEIVED:
        # what a person named is looked at by a person: signature and changes are asked for there (E4)
        sheet.photo_id, sheet.readable, sheet.signed = photo.id, True, False
    record(actor, photo, "ASSIGN_PHOTO", photo.school_id, sheet=sheet.id.hex, sent_back=was_sent_back)
    db.session.commit()
    return pile.id


def dismiss(actor: Actor, photo_id: UUID) -> UUID:
    """Say that a page is no confirmation sheet, which can be taken back too. Commits. Raises `TooLate`."""
    photo = _open(actor, photo_id, lock=True)
    assert photo.pile is not None, "only photos of piles are open"
    photo.outcome = "not_a_sheet"
    record(actor, photo, "DISMISS_PHOTO", photo.school_id)
    db.session.commit()
    return photo.pile.id


def undo(actor: Actor, photo_id: UUID, sheet_id: UUID) -> UUID:
    """Take back that a page is this pupil's: the sheet is again what it was without it. Commits.

    Raises `TooLate` when it is no longer assigned so, or when the sheet has been accepted on the strength of it.
    """
    photo = lists.find(actor, Photo, photo_id, lock=True)
    if photo.pile is None:
        raise NotFound
    if photo.assigned_by_id is None or photo.sheet_id != sheet_id:
        raise TooLate(N_("这张照片刚才有了变化，没有撤销。请看一眼新的结果。"))
    sheet = lists.find(actor, Sheet, sheet_id, lock=True)
    if sheet.photo_id == photo.id and sheet.state not in (SheetState.ISSUED, SheetState.RECEIVED):
        raise TooLate(N_("这张表已经往下办了，不能撤销。要重来，请先把表退回。"))
    photo.sheet_id, photo.path, photo.outcome, photo.assigned_by_id = None, photo.pile.path, "unknown", None
    _without(actor, sheet, photo)
    record(actor, photo, "UNDO_ASSIGN_PHOTO", photo.school_id, sheet=sheet.id.hex)
    db.session.commit()
    return photo.pile.id


def _without(actor: Actor, sheet: Sheet, photo: Photo) -> None:
    """The sheet as its other photos tell it."""
    rest = [one for one in sheet.photos if one.id != photo.id and one.outcome in readings.COUNTS]
    if sheet.photo_id == photo.id:
        readings.show_best(sheet, photo)
        if sheet.state == SheetState.ISSUED:  # sent back: no older photo speaks for it either
            sheet.readable = sheet.signed = False
    sheet.received = bool(rest)
    if not sheet.received and not sheet.returned and sheet.state == SheetState.RECEIVED:
        move(actor, sheet, SheetMove.TAKE_BACK)
        last = select(Step).where(Step.thing_id == photo.id, Step.move == "ASSIGN_PHOTO").order_by(Step.at.desc())
        step = db.session.scalar(last.limit(1))
        sheet.sent_back = step is not None and bool(step.details["sent_back"])
