"""The applications of a school as a list: how many are where, since when, whose; sheets that wait for one; by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased, joinedload

from portal.models import Application, Change, Pupil, Sheet, db, keyring
from portal.rules.applications import OPEN, REFUSED, ApplicationKind, ApplicationState
from portal.rules.clock import local, today
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.normalise import normalise
from portal.rules.roles import Actor, Level
from portal.services import lists
from portal.services.refusals import NotFound

__all__ = [
    "Application",
    "Row",
    "Waiting",
    "counts",
    "find",
    "named",
    "rows",
    "standing_of",
    "successor",
    "waiting_sheets",
]

PAGE = 50
#: groups of the list -> states; a refused one that was made again counts as ended
GROUPS: dict[str, tuple[ApplicationState, ...]] = {
    "draft": (ApplicationState.DRAFTED,),
    "leader": (ApplicationState.WITH_LEADER,),
    "authority": (ApplicationState.WITH_AUTHORITY,),
    "refused": tuple(sorted(REFUSED)),
    "ended": (ApplicationState.GRANTED, ApplicationState.WITHDRAWN),
}


@dataclass(frozen=True)
class Row:
    """One application of the list. `days`: whole days since it came to where it is."""

    application_id: UUID
    name: str
    class_name: str
    items: tuple[Item, ...]
    state: ApplicationState
    since: datetime
    days: int
    mine: bool

    @property
    def is_open(self) -> bool:
        """Somebody has to do something."""
        return self.state in OPEN | REFUSED


@dataclass(frozen=True)
class Waiting:
    """A sheet with key data that no application holds yet."""

    sheet_id: UUID
    name: str
    class_name: str
    items: tuple[Item, ...]


def counts(actor: Actor, mine: bool = False) -> dict[str, int]:
    """Group -> how many applications of the actor's school are there."""
    _require_school(actor)
    each = [func.count().filter(_inside(group)).label(group) for group in GROUPS]
    return dict(db.session.execute(select(*each).where(*_mine(actor, mine))).one()._mapping)


def standing_of(actor: Actor) -> dict[str, int]:
    """`counts`, and under "waiting" how many sheets have something to apply for."""
    free = (Change.outcome == "applied_for", Change.application_id.is_(None), Change.school_id == actor.place_id)
    waiting = select(func.count(func.distinct(Change.sheet_id))).where(*free)
    return counts(actor) | {"waiting": db.session.scalar(waiting) or 0}


def rows(actor: Actor, group: str, mine: bool = False, page: int = 1) -> list[Row]:
    """One page of a group: what waits longest first, what is ended newest first."""
    _require_school(actor)
    query = select(Application).where(*_in(actor, group, mine))
    order = Application.since.desc() if group == "ended" else Application.since
    return _rows(actor, query.order_by(order, Application.id).offset((page - 1) * PAGE).limit(PAGE))


def named(actor: Actor, name: str) -> list[Row]:
    """The applications about pupils of the actor's school with exactly this name, the newest first."""
    _require_school(actor)
    index = keyring().blind("pupil.name", normalise("name", name))
    query = select(Application).join(Pupil, Pupil.id == Application.pupil_id).where(Pupil.name_index == index)
    return _rows(actor, query.where(*_mine(actor, False)).order_by(Application.made_at.desc()).limit(PAGE))


def _require_school(actor: Actor) -> None:
    if actor.level != Level.SCHOOL:
        raise NotFound


def _mine(actor: Actor, mine: bool) -> list[ColumnElement[bool]]:
    own = [Application.school_id == actor.place_id, Application.kind == ApplicationKind.CHANGE]
    return [*own, Application.made_by_id == actor.user_id] if mine else own


def _in(actor: Actor, group: str, mine: bool) -> list[ColumnElement[bool]]:
    return [*_mine(actor, mine), _inside(group)]


def _inside(group: str) -> ColumnElement[bool]:
    later = aliased(Application)
    again = exists().where(later.previous_id == Application.id)
    inside = Application.state.in_(GROUPS[group])
    if group == "refused":
        return inside & ~again
    return inside | (Application.state.in_(REFUSED) & again) if group == "ended" else inside


def _rows(actor: Actor, query: Select[Application]) -> list[Row]:
    whole = query.options(joinedload(Application.pupil).joinedload(Pupil.class_))
    found: Iterable[Application] = db.session.scalars(whole)
    return [_row(one, actor.user_id) for one in found]


def _row(one: Application, reader: UUID | None) -> Row:
    return Row(
        application_id=one.id,
        name=mask_name(one.pupil.record["name"]),
        class_name=one.pupil.class_.name,
        items=_items(one.items),
        state=ApplicationState(one.state),
        since=one.since,
        days=(today() - local(one.since).date()).days,
        mine=one.made_by_id == reader,
    )


def _items(codes: Collection[str]) -> tuple[Item, ...]:
    return tuple(item for code, item in ITEMS.items() if code in codes)


def waiting_sheets(actor: Actor) -> list[Waiting]:
    """Sheets of the actor's school with changes that were handed on and are in no application, in the paper's order."""
    _require_school(actor)
    free = (Change.outcome == "applied_for", Change.application_id.is_(None), Change.school_id == actor.place_id)
    query = select(Change).where(*free).order_by(Change.path, Change.sheet_id).limit(4 * PAGE)
    by_sheet: dict[UUID, list[Change]] = {}
    for change in db.session.scalars(query):
        by_sheet.setdefault(change.sheet_id, []).append(change)
    sheets = db.session.scalars(select(Sheet).where(Sheet.id.in_(by_sheet)))
    found = [
        Waiting(
            one.id,
            mask_name(one.pupil.record["name"]),
            one.class_.name,
            _items({change.item for change in by_sheet[one.id]}),
        )
        for one in sheets
    ]
    return sorted(found, key=lambda one: (one.class_name, one.name))


def find(actor: Actor, application_id: UUID) -> Application:
    """A key-data change of the actor's school; raises `NotFound` for every other."""
    _require_school(actor)
    found = lists.find(actor, Application, application_id)
    if found.kind != ApplicationKind.CHANGE:
        raise NotFound
    return found


def successor(found: Application) -> UUID | None:
    """The application that was made after this one was refused, if there is one."""
    return db.session.scalar(select(Application.id).where(Application.previous_id == found.id).limit(1))
