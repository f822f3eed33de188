"""Exports on the screen: what one asked for, what waits for one's decision, and one of them with all that was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from portal.models import Export, Place, Post, Pupil, User, db
from portal.rules.clock import today
from portal.rules.exports import OPEN, Kind, Purpose, State
from portal.rules.places import ancestors
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.services import export_content, export_files, export_marks, exports, lists

_MOST = 50
_MOST_NAMES = 3


@dataclass(frozen=True)
class ExportView:
    """An export as lists and its own page show it. `people` is how many it holds, or would hold now; `waits_for` names
    who may decide. `is_ready`: the password has been seen, the file can be fetched; `has_failed`: to be built anew."""

    export_id: UUID
    version: int
    mark: str
    kind: Kind
    about: str
    unit: str
    numbers: bool
    purpose: Purpose
    words: str
    numbers_for: str
    state: State
    by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    ends_at: datetime | None
    fetched_at: datetime | None
    people: int
    is_own: bool
    may_decide: bool
    is_ready: bool
    has_failed: bool
    waits_for: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Is something still to be done?"""
        return self.state in OPEN


def own_of(actor: Actor) -> list[ExportView]:
    """What was asked for at the actor's place and does not wait for the actor, the newest first."""
    query = select(Export).where(Export.place_id == actor.place_id, Export.by_id.is_not(None))
    found = (_view(actor, one) for one in db.session.scalars(query.order_by(Export.number.desc()).limit(_MOST)))
    return [one for one in found if not one.may_decide]


def waiting_for(actor: Actor) -> list[ExportView]:
    """What waits for this actor's decision, the oldest first."""
    return [_view(actor, one) for one in _waiting(actor)]


def waiting_count(actor: Actor) -> int:
    """How much waits for this actor's decision."""
    return len(_waiting(actor))


def _waiting(actor: Actor) -> list[Export]:
    above = aliased(Place)
    query = select(Export).join(above, above.id == Export.place_id).where(Export.state == State.ASKED)
    query = query.where(or_(Export.place_id == actor.place_id, above.parent_id == actor.place_id))
    found = db.session.scalars(query.order_by(Export.number))
    return [one for one in found if not export_files.is_over(one) and exports.is_releaser(actor, one)]


def view(actor: Actor, export_id: UUID) -> ExportView:
    """One export that the actor may see; raises `NotFound`."""
    return _view(actor, exports.find(actor, export_id))


def about(actor: Actor, place_id: UUID | None) -> str:
    """The class or school a request is about, the actor's own place unless another is named; raises `NotFound`."""
    return _named(actor, lists.find(actor, Place, place_id or actor.place_id))


def _view(actor: Actor, export: Export) -> ExportView:
    told, state = export.purpose or {}, State(export.state)
    is_over = state in OPEN and export_files.is_over(export)
    building = state == State.BUILDING and not is_over
    return ExportView(
        export_id=export.id, version=export.version, mark=export_marks.token_of(export.number), kind=Kind(export.kind),
        about=_named(actor, export_content.place_of(export)), unit=db.session.get_one(Place, export.place_id).name,
        numbers=bool(export.choice.get("numbers")), purpose=Purpose(told.get("code", Purpose.OTHER)),
        words=told.get("words", ""), numbers_for=told.get("numbers", ""),
        state=State.ENDED if is_over else state, by=_name(export.by_id), asked_at=export.asked_at,
        decided_by=_name(export.decided_by_id), decided_at=export.decided_at, reason=export.reason or "",
        ends_at=export.ends_at, fetched_at=export.fetched_at, people=export.rows or _people(export),
        is_own=exports.is_own(actor, export), may_decide=state == State.ASKED and exports.is_releaser(actor, export),
        is_ready=export.password_sealed is None, has_failed=building and export_files.has_failed(export),
        waits_for=_deciders(export) if state == State.ASKED else (),
    )  # fmt: skip


def _name(user_id: UUID | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return (user.name or user.login) if user else ""


def _named(actor: Actor, place: Place) -> str:
    """A class by itself where one knows the school."""
    is_far = place.level == Level.CLASS and place.parent is not None and place.parent_id != actor.place_id
    return f"{place.parent.name} {place.name}" if is_far and place.parent else place.name


def _people(export: Export) -> int:
    """How many there would be in the file now."""
    if "children" in export.choice:
        return len(export.choice["children"])
    if export.kind != Kind.ROSTER:
        return 0
    place = export_content.place_of(export)
    here = Pupil.class_id == place.id if place.level == Level.CLASS else Pupil.school_id == place.id
    query = select(func.count()).select_from(Pupil).where(here, Pupil.left_at.is_(None), Pupil.is_draft.is_(False))
    return db.session.scalar(query) or 0


def _deciders(export: Export) -> tuple[str, ...]:
    """Names of people who may decide: the leaders of the place, else those of the place above."""
    place, day = db.session.get_one(Place, export.place_id), today()
    paths = [export.path]
    if place.level in AUTHORITY_LEVELS:
        paths = [path for path in ancestors(export.path)[-2:][::-1]]
    for path in paths:
        roles = [Role.LEADER] if path == export.path else [Role.LEADER, Role.REGISTRAR]
        query = select(User).join(Post, Post.user_id == User.id).where(Post.path == path, Post.role.in_(roles))
        query = query.where(Post.begins <= day, or_(Post.ends.is_(None), Post.ends >= day), User.ended_at.is_(None))
        query = query.where(User.id != export.by_id).order_by(User.login).limit(_MOST_NAMES)
        names = tuple(user.name or user.login for user in db.session.scalars(query))
        if names:
            return names
    return ()
