"""What became of a pile: how many are clear, what must be taken again, what nobody could name, who is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from portal.models import Leaf, Photo, Pile, Place, Reading, Sheet, db
from portal.paper.reasons import sentence
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.standing import Group, Standing
from portal.rules.words import N_
from portal.rules.workflow import SheetState
from portal.services import classes, figures, lists, outcomes, piles, quarantine, scan_files
from portal.services.scan_files import Splitting

#: what is said of a photo that is no sheet of this pile's place and round
STRANGE = {
    "not_a_sheet": N_("没有看到确认表，不是表就不用管"),
    "two_sheets": N_("照片里有两张表，请分开再拍"),
    "other_school": N_("不是本校的表，没有记上，请退给送来的人"),
    "other_class": N_("是{name}的表，没有记上，请交给那个班"),
    "earlier_round": N_("是以前的表，没有记上，请拍今年发的那张"),
    "other_deployment": N_("不是这里发的表，没有记上，请拍学校发的那张"),
    "revoked": N_("这张纸已经作废，没有记上，请签新印的那张"),
    "not_issued": N_("这张表还没有登记下发，没有记上。下发以后再送一次"),
    "unusable": N_("打不开，或者看不出来，请再拍一张"),
}
BACK = N_("这是背面，请翻过来拍正面")
_UNCLEAR = N_("看不清，请再拍一张")
_LATER = tuple(SheetState)[tuple(SheetState).index(SheetState.CHECKED) :]
#: outcomes of photos that show a known sheet without counting for it
_BESIDE = ("back_page", "duplicate", "other_class", "not_issued", "revoked")


@dataclass(frozen=True)
class Line:
    """One photo that a person is told about: its place in the pile (from 1), whose it is, words as message ids.
    `shown`: its page may be seen; `is_open`: a person may say whose it is."""

    photo_id: UUID
    nth: int
    words: tuple[str, ...] = ()
    sheet_id: UUID | None = None
    seat: str = ""
    name: str = ""
    class_name: str = ""
    shown: bool = False
    is_open: bool = False


@dataclass(frozen=True)
class Gap:
    """A class of which sheets are still missing, for a pile of a whole school."""

    class_id: UUID
    name: str
    missing: int


@dataclass(frozen=True)
class PileResult:
    """A pile as its sender sees it. `named` photos found their sheet, `clear` of them can be read, of `pupils` pupils;
    `repeated` show a sheet that has a better photo, `kept` one that was accepted before, `backs` are second pages
    of sheets that have come."""

    pile_id: UUID
    class_id: UUID | None
    class_name: str
    own: bool
    made_at: datetime
    photos: int
    waiting: int
    files: tuple[Splitting, ...]
    named: int
    clear: int
    pupils: int
    elsewhere: int
    repeated: int
    kept: int
    backs: int
    again: tuple[Line, ...]
    unsigned: tuple[Line, ...]
    unknown: tuple[Line, ...]
    assigned: tuple[Line, ...]
    strange: tuple[Line, ...]
    missing: tuple[classes.Row, ...] | None
    gaps: tuple[Gap, ...]

    @property
    def is_busy(self) -> bool:
        """True while photos are read or files are split: the page asks again."""
        return bool(self.waiting) or any(not one.failed for one in self.files)


def result(actor: Actor, pile_id: UUID) -> PileResult:
    """What became of a pile inside the actor's place; raises `NotFound`."""
    pile = piles.find(actor, pile_id)
    story = _Story(actor, pile)
    current = figures.current_round(actor.path)
    runs = current is not None and current.id == pile.round_id
    return PileResult(
        pile_id=pile.id,
        class_id=pile.class_id,
        class_name=story.class_name,
        own=story.own,
        made_at=pile.made_at,
        files=tuple(scan_files.under_way(pile)),
        missing=tuple(_missing(actor, pile.class_id)) if pile.class_id and runs else None,
        gaps=tuple(_gaps(pile)) if pile.class_id is None and runs else (),
        **story.told(),
    )


def _missing(actor: Actor, class_id: UUID) -> Iterator[classes.Row]:
    """The pupils of a class of whom nothing has come, or who must hand in again."""
    for row in classes.class_list(actor, class_id).rows:
        if row.standing.group == Group.MISSING or row.standing == Standing.SENT_BACK:
            yield row


def _gaps(pile: Pile) -> Iterator[Gap]:
    """The classes of a school with sheets of which nothing has come."""
    nothing = (Sheet.received.is_(False), Sheet.returned.is_(False), Sheet.state.not_in(_LATER))
    query = select(Sheet.class_id, func.count()).where(
        Sheet.round_id == pile.round_id, Sheet.school_id == pile.school_id
    )
    counts = {
        key: value for key, value in db.session.execute(query.where(Sheet.in_scope, *nothing).group_by(Sheet.class_id))
    }
    for class_ in lists.classes_of(pile.school_id):
        if counts.get(class_.id):
            yield Gap(class_.id, class_.name, counts[class_.id])


class _Story:
    """The photos of one pile, sorted into what there is to tell."""

    def __init__(self, actor: Actor, pile: Pile) -> None:
        query = select(Photo).where(Photo.pile_id == pile.id, Photo.outcome.not_in(piles.FILES))
        loaded = query.options(joinedload(Photo.reading), joinedload(Photo.sheet).joinedload(Sheet.pupil))
        self.photos = list(db.session.scalars(loaded.order_by(Photo.received_at, Photo.id)))
        self.pile, self.own = pile, actor.place_id == pile.class_id
        self.nth = {photo.id: nth for nth, photo in enumerate(self.photos, start=1)}
        names = select(Place.id, Place.name).where(Place.parent_id == pile.school_id)
        self.class_names: dict[UUID, str] = {key: value for key, value in db.session.execute(names)}
        self.class_name = self.class_names.get(pile.class_id, "") if pile.class_id else ""
        self.sheets = self._sheets_of_leaves()

    def told(self) -> dict[str, Any]:
        """The numbers and lists of `PileResult`."""
        held = [photo for photo in self.photos if photo.sheet is not None]
        clear = [photo for photo in held if photo.outcome == "matched"]
        backs = self.of("back_page")
        doubles = self.of("duplicate")
        sheets = {photo.sheet.id: photo.sheet for photo in held if photo.sheet is not None}
        again = list(self._again(held, backs))
        told = {line.photo_id for line in again}
        kept = [p for p in held if p.sheet and p.sheet.photo_id != p.id and p.sheet.state in _LATER]
        return {
            "photos": len(self.photos),
            "waiting": len(self.of("waiting")),
            "named": len(held) + len(backs) + len(doubles),
            "clear": len(clear),
            "pupils": len({photo.sheet_id for photo in clear}),
            "elsewhere": sum(s.class_id != self.pile.class_id for s in sheets.values()) if self.pile.class_id else 0,
            "repeated": len(held) - len(sheets) + len(doubles),
            "kept": len(kept),
            "backs": sum(photo.id not in told for photo in backs),
            "again": tuple(again),
            "unsigned": tuple(self._unsigned(sheets.values())),
            "unknown": tuple(self._line(photo, words=_reasons(photo)) for photo in self.of("unknown")),
            "assigned": tuple(self._line(photo) for photo in held if photo.assigned_by_id is not None),
            "strange": tuple(self._strange()),
        }

    def of(self, *names: str) -> list[Photo]:
        """The photos with one of these outcomes."""
        return [photo for photo in self.photos if photo.outcome in names]

    def _sheets_of_leaves(self) -> dict[int, Sheet]:
        """Leaf number -> sheet, of photos that show a sheet without counting for it; only inside the pile's place."""
        numbers = [photo.leaf_number for photo in self.of(*_BESIDE)]
        query = select(Leaf.number, Sheet).join(Sheet, Leaf.sheet_id == Sheet.id).options(joinedload(Sheet.pupil))
        query = query.where(Leaf.number.in_(numbers), Sheet.school_id == self.pile.school_id)
        return {key: value for key, value in db.session.execute(query)} if numbers else {}

    def _again(self, held: list[Photo], backs: list[Photo]) -> Iterator[Line]:
        """Sheets that are known and must be photographed once more, each named once with its newest reasons."""
        newest: dict[UUID, tuple[Photo, tuple[str, ...]]] = {}
        for photo in held:
            if photo.sheet is not None and _is_unread(photo.sheet):
                newest[photo.sheet.id] = photo, _reasons(photo) or (_UNCLEAR,)
        for photo in backs:
            sheet = self._sheet(photo)
            if sheet is not None and not sheet.received and not sheet.returned and sheet.id not in newest:
                newest[sheet.id] = photo, (BACK,)
        for photo, words in sorted(newest.values(), key=lambda pair: self.nth[pair[0].id]):
            yield self._line(photo, words=words)

    def _unsigned(self, sheets: Iterable[Sheet]) -> Iterator[Line]:
        """Sheets that wait for the teacher and on which no signature was seen."""
        for sheet in sheets:
            if sheet.state == SheetState.RECEIVED and sheet.readable and not sheet.signed:
                photo = next((photo for photo in self.photos if photo.id == sheet.photo_id), None)
                if photo is not None and photo.assigned_by_id is None:
                    yield self._line(photo)

    def _strange(self) -> Iterator[Line]:
        for photo in self.of(*STRANGE):
            yield self._line(photo, words=(STRANGE[photo.outcome],))

    def _sheet(self, photo: Photo) -> Sheet | None:
        beside = self.sheets.get(photo.leaf_number or -1) if photo.outcome in _BESIDE else None
        return photo.sheet or beside

    def _line(self, photo: Photo, words: tuple[str, ...] = ()) -> Line:
        """A photo with the name of its pupil, or with the class only where the sheet is not the sender's business."""
        sheet, nth = self._sheet(photo), self.nth[photo.id]
        class_name = self.class_names.get(sheet.class_id, "") if sheet is not None else ""
        shown = photo.flat_address is not None and photo.outcome not in outcomes.FOREIGN
        if sheet is None or photo.outcome == "other_class":
            is_open = shown and photo.outcome in quarantine.OPEN
            return Line(photo.id, nth, words, class_name=class_name, shown=shown, is_open=is_open)
        record, here = sheet.pupil.record, sheet.class_id == self.pile.class_id
        own = self.own and here  # who has moved to another class since is that class's pupil
        seat, name = record.get("class_seat_number", ""), record["name"] if own else mask_name(record["name"])
        other = "" if here else class_name
        return Line(photo.id, nth, words, sheet.id, seat, name, other, shown and (here or not self.own))


def _is_unread(sheet: Sheet) -> bool:
    """Its photo cannot be read, and the paper itself is not back either."""
    return sheet.state == SheetState.RECEIVED and not sheet.readable and not sheet.returned


def _reasons(photo: Photo) -> tuple[str, ...]:
    """What a person is told of a photo that was read, as message ids."""
    read: Reading | None = photo.reading
    return tuple(sentence(reason) for reason in read.seen["reasons"]) if read is not None else ()
