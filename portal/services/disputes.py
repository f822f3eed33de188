"""Items that were disputed in the round before: changed, refused, applied for or unclear on the same pupil's sheet."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Round, Sheet, db
from portal.rules.doubtful import DISPUTED

_AT_ONCE = 500


def of_pupils(round_id: UUID, pupil_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Pupil -> disputed items, for pupils who have some. Only the last round counts that a pupil took part in before
    this one; what was disputed there and agreed on since is old."""
    earlier = _rounds_before(round_id)
    if not earlier:
        return {}
    last: dict[UUID, tuple[int, UUID]] = {}
    for part in _parts(pupil_ids):
        query = select(Sheet.pupil_id, Sheet.round_id, Sheet.id).where(Sheet.round_id.in_(earlier), Sheet.in_scope)
        for pupil_id, in_round, sheet_id in db.session.execute(query.where(Sheet.pupil_id.in_(part))):
            last[pupil_id] = max(last.get(pupil_id, (-1, sheet_id)), (earlier.index(in_round), sheet_id))
    return _items({sheet_id: pupil_id for pupil_id, (_place, sheet_id) in last.items()})


def _items(sheets: dict[UUID, UUID]) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, set[str]] = {}
    for part in _parts(sheets):
        query = select(Change.sheet_id, Change.item).where(Change.sheet_id.in_(part), Change.outcome.in_(DISPUTED))
        for sheet_id, item in db.session.execute(query):
            found.setdefault(sheets[sheet_id], set()).add(item)
    return {pupil_id: frozenset(items) for pupil_id, items in found.items()}


def of_sheet(sheet: Sheet) -> frozenset[str]:
    """The disputed items of one sheet's pupil."""
    return of_pupils(sheet.round_id, [sheet.pupil_id]).get(sheet.pupil_id, frozenset())


def _rounds_before(round_id: UUID) -> list[UUID]:
    """The rounds of the same province that began before this one, oldest first."""
    found = db.session.get_one(Round, round_id)
    query = select(Round.id).where(Round.province_id == found.province_id, Round.begins < found.begins)
    return list(db.session.scalars(query.order_by(Round.begins, Round.id)))


def _parts(ids: Collection[UUID]) -> list[list[UUID]]:
    everything = list(ids)
    return [everything[start : start + _AT_ONCE] for start in range(0, len(everything), _AT_ONCE)]
