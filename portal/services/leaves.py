"""Leaves: one printed copy of a sheet each, with a random 28-bit number that is never used again in a deployment."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from portal.models import Leaf, Sheet, db
from portal.paper import layout
from portal.rules.clock import now
from portal.rules.numbers import LEAF_BITS, Choosing

_AT_ONCE = 500
_ROUNDS = 20
_random = secrets.SystemRandom()


def leaves_for(run_id: UUID, sheet_ids: Sequence[UUID], random: Choosing = _random) -> dict[UUID, int]:
    """Sheet id -> the number of its leaf in this run; missing leaves are made in bulk. Commits.

    A run taken up again after its worker was killed gets the same leaves.
    """
    for _ in range(_ROUNDS):
        have = {leaf.sheet_id: leaf.number for leaf in db.session.scalars(select(Leaf).where(Leaf.run_id == run_id))}
        missing = [sheet_id for sheet_id in sheet_ids if sheet_id not in have]
        if not missing:
            return {sheet_id: have[sheet_id] for sheet_id in sheet_ids}
        numbers = _free_numbers(len(missing), random)
        version = layout.VERSION
        pairs = zip(missing, numbers, strict=True)
        db.session.add_all([Leaf(number=n, sheet_id=s, run_id=run_id, layout_version=version) for s, n in pairs])
        try:
            db.session.commit()
        except IntegrityError:
            db.session.rollback()  # another run drew one of these numbers at the same moment: draw again
    raise RuntimeError("no free leaf numbers")


def _free_numbers(count: int, random: Choosing) -> list[int]:
    """So many different numbers that no leaf has."""
    free: dict[int, None] = {}
    while len(free) < count:
        drawn = {random.randrange(1 << LEAF_BITS) for _ in range(min(_AT_ONCE, count - len(free)))}
        taken = set(db.session.scalars(select(Leaf.number).where(Leaf.number.in_(drawn))))
        free |= dict.fromkeys(sorted(drawn - taken))
    return list(free)


def put_in_force(sheets: Sequence[Sheet], run_id: UUID, numbers: dict[UUID, int]) -> None:
    """Make this run's leaves the present ones; older ones stay readable and point to their successor.
    The caller commits."""
    new = aliased(Leaf)
    successor = select(new.number).where(new.sheet_id == Leaf.sheet_id, new.run_id == run_id).scalar_subquery()
    older = update(Leaf).where(Leaf.run_id != run_id, Leaf.superseded_by.is_(None), Leaf.revoked_at.is_(None))
    again = [sheet.id for sheet in sheets if sheet.leaf_number is not None]
    for start in range(0, len(again), _AT_ONCE):
        part = older.where(Leaf.sheet_id.in_(again[start : start + _AT_ONCE])).values(superseded_by=successor)
        db.session.execute(part, execution_options={"synchronize_session": False})
    for sheet in sheets:
        sheet.leaf_number = numbers[sheet.id]


def revoke_run(run_id: UUID, moment: datetime | None = None) -> None:
    """Take every leaf of a run out of use. The caller commits."""
    in_use = update(Leaf).where(Leaf.run_id == run_id, Leaf.revoked_at.is_(None))
    db.session.execute(in_use.values(revoked_at=moment or now()))
