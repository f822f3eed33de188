"""The sheets with nothing written that a person must look at, what was seen there, and the measured rate of misses."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from portal.models import Change, SampleLook, Sheet, db, keyring
from portal.rules import sampling as rules
from portal.rules.roles import Actor, Level
from portal.rules.sampling import Measured
from portal.rules.standing import is_plain
from portal.services import lists, place_settings
from portal.services.history import record
from portal.services.refusals import NotFound


def with_changes(class_id: UUID) -> set[UUID]:
    """The sheets of a class on which an item is to be changed, by ink or by what the family typed."""
    query = select(Change.sheet_id).join(Change.sheet).where(Sheet.class_id == class_id)
    return set(db.session.scalars(query.distinct()))


def plain_of(round_id: UUID, class_id: UUID) -> dict[UUID, Sheet]:
    """The sheets of a class with a readable, signed photo and nothing written, by id."""
    told = with_changes(class_id)
    query = select(Sheet).where(Sheet.round_id == round_id, Sheet.class_id == class_id, Sheet.in_scope)
    sheets = db.session.scalars(query.order_by(Sheet.id))
    return {sheet.id: sheet for sheet in sheets if sheet.photo_id and is_plain(sheet, sheet.id in told)}


def drawn_of(round_id: UUID, class_id: UUID, plain: dict[UUID, Sheet] | None = None) -> frozenset[UUID]:
    """Those of the plain sheets of a class that nobody has looked at and somebody must."""
    plain = plain_of(round_id, class_id) if plain is None else plain
    if not plain:
        return frozenset()
    query = select(SampleLook.sheet_id, SampleLook.photo_id, SampleLook.written)
    query = query.join(Sheet, SampleLook.sheet_id == Sheet.id).where(Sheet.round_id == round_id)
    looks = db.session.execute(query.where(Sheet.class_id == class_id))
    looked, misses, done = set(), 0, set()
    for sheet_id, photo_id, written in looks:
        looked.add(sheet_id)
        misses += written
        done.add((sheet_id, photo_id))
    key = keyring().derive("sample")
    ranks = {sheet_id: rules.rank(key, round_id, sheet_id) for sheet_id in looked | plain.keys()}
    percent = place_settings.sample_percent(next(iter(plain.values())).path)
    found = rules.drawn(
        {sheet_id: ranks[sheet_id] for sheet_id in plain}, {one: ranks[one] for one in looked}, misses, percent
    )
    return frozenset(one for one in found if (one, plain[one].photo_id) not in done)


def look_of(sheet: Sheet) -> SampleLook | None:
    """What a person saw on the photo that now speaks for a sheet, if it was drawn and looked at."""
    query = select(SampleLook).where(SampleLook.sheet_id == sheet.id, SampleLook.photo_id == sheet.photo_id)
    return db.session.scalar(query)


def asks(sheet: Sheet) -> bool:
    """True when whoever accepts this sheet must say whether really nothing is written on it: it has been drawn, or
    what was said about it can still be put right."""
    if look_of(sheet) is not None:
        return True
    return sheet.id in drawn_of(sheet.round_id, sheet.class_id)


def keep(actor: Actor, sheet: Sheet, written: bool) -> None:
    """Keep what a person saw on a drawn sheet. The caller commits."""
    assert actor.user_id is not None, "who looks has an account"
    assert sheet.photo_id is not None, "a drawn sheet has a photo"
    look = look_of(sheet)
    if look is None:
        own = {"round_id": sheet.round_id, "school_id": sheet.school_id}
        look = SampleLook(sheet_id=sheet.id, photo_id=sheet.photo_id, written=written, by_id=actor.user_id, **own)
        db.session.add(look)
    look.written, look.by_id = written, actor.user_id
    sheet.written = max(1, len(sheet.changes)) if written else len(sheet.changes)
    record(actor, sheet, "LOOK_AT_SAMPLE", sheet.school_id, written=written)


def put_back(sheet: Sheet, written: bool | None) -> None:
    """An acceptance was taken back: what was said with it counts no more, what had been said before (None: nothing)
    counts again, so that no miss is lost. The caller commits."""
    look = look_of(sheet)
    if look is not None and written is None:
        db.session.delete(look)
    elif look is not None:
        look.written = bool(written)


def measured(round_id: UUID, school_id: UUID) -> Measured:
    """What was looked at in a school and round, and how much writing had been missed."""
    query = select(func.count(), func.count().filter(SampleLook.written))
    looked, misses = db.session.execute(
        query.where(SampleLook.round_id == round_id, SampleLook.school_id == school_id)
    ).one()
    return Measured(looked, misses)


def measured_at(actor: Actor) -> Measured:
    """The same for the actor's school in the present round; raises `NotFound` elsewhere."""
    if actor.level != Level.SCHOOL:
        raise NotFound
    return measured(lists.round_of(actor).id, actor.place_id)
