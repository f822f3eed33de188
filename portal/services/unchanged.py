"""Nothing written and signed: confirmed together, except the drawn ones, on which somebody says what is to be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Sheet, db
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.rules.workflow import SheetMove
from portal.services import checking, lists, sampling
from portal.services.history import record
from portal.services.refusals import Refusal, TooLate
from portal.services.sheets import move


@dataclass(frozen=True)
class One:
    """A plain sheet of the page. `drawn`: it must be looked at; name, seat and photo only then."""

    sheet_id: UUID
    version: int
    drawn: bool
    seat: str = ""
    name: str = ""
    photo_id: UUID | None = None


@dataclass(frozen=True)
class Page:
    """What can be confirmed together in a class, the drawn ones in the order of their seats."""

    class_id: UUID
    class_name: str
    plain: tuple[One, ...]
    drawn: tuple[One, ...]

    @property
    def rest(self) -> int:
        """How many nobody has to look at."""
        return len(self.plain) - len(self.drawn)


@dataclass(frozen=True)
class Confirmed:
    """What came of it: sheets accepted, and drawn sheets that have writing after all."""

    checked: int
    missed: int


def page_of(actor: Actor, class_id: UUID) -> Page:
    """The plain sheets of a class inside the actor's place; raises `NotFound`."""
    class_ = checking.class_of(actor, class_id)
    found = lists.round_of(actor)
    plain = sampling.plain_of(found.id, class_.id)
    drawn = sampling.drawn_of(found.id, class_.id, plain)
    shown = sorted((plain[i] for i in drawn), key=lambda sheet: lists.seat_order(sheet.pupil.record))
    own = actor.place_id == class_.id
    return Page(
        class_.id,
        class_.name,
        tuple(One(sheet.id, sheet.version, sheet.id in drawn) for sheet in plain.values()),
        tuple(_drawn(sheet, own) for sheet in shown),
    )


def _drawn(sheet: Sheet, own: bool) -> One:
    seat, name = sheet.pupil.record.get("class_seat_number", ""), checking.name_of(sheet, own)
    return One(sheet.id, sheet.version, True, seat, name, sheet.photo_id)


def confirm(actor: Actor, class_id: UUID, shown: Mapping[UUID, int], written: Mapping[UUID, bool]) -> Confirmed:
    """Accept the sheets that were on the page (id -> version) and still are as they were. Commits.

    `written` says for each drawn one whether there is writing on it after all; where there is, that sheet is looked at
    by itself, and of the others none is accepted that nobody has seen: more are drawn instead. Raises `Refusal` when
    a drawn one was not answered and `TooLate` when another has been drawn meanwhile.
    """
    class_ = checking.class_of(actor, class_id)
    found = lists.round_of(actor)
    query = select(Sheet).where(Sheet.id.in_(shown), Sheet.class_id == class_.id).order_by(Sheet.id)
    list(db.session.scalars(query.with_for_update().execution_options(populate_existing=True)))
    plain = sampling.plain_of(found.id, class_.id)
    drawn = sampling.drawn_of(found.id, class_.id, plain)
    _require_answers(drawn, shown, written)
    same = {i: sheet for i, sheet in plain.items() if shown.get(i) == sheet.version}
    missed = {i for i in drawn & same.keys() if written[i]}
    checked = 0
    for sheet_id, sheet in same.items():
        if sheet_id in drawn:
            sampling.keep(actor, sheet, written[sheet_id])
        if sheet_id not in missed and (sheet_id in drawn or not missed):
            move(actor, sheet, SheetMove.CHECK, by="sample" if sheet_id in drawn else "together")
            checked += 1
    seen, school_id = len(drawn & same.keys()), checking.school_of(class_)
    record(actor, class_, "CHECK_UNCHANGED", school_id, checked=checked, drawn=seen, errors=len(missed))
    db.session.commit()
    return Confirmed(checked, len(missed))


def _require_answers(drawn: frozenset[UUID], shown: Mapping[UUID, int], written: Mapping[UUID, bool]) -> None:
    if drawn - shown.keys():
        raise TooLate(N_("刚才又来了表，抽到的也变了。请看一眼新的再确认。"))
    open_ = len(drawn - written.keys())
    if open_:
        raise Refusal(N_("抽到的表还有 %(n)s 张没有说。请看着照片，每张都选一个。"), n=open_)
