"""Rotation of the wrapping key: a new one is added to the key file, every data key is wrapped with it, the old one is
dropped. Sealed values, photos and the keys derived from the root are not touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text, update

from portal.keys import KeyFileError, Tampered, wrapping_number
from portal.models import DataKey, db, keyring
from portal.models.base import looking
from portal.models.data_keys import belong, forget_keys
from portal.services.history import record_deployment

#: data keys that are wrapped anew in one transaction: what a kill throws back
BATCH = 200
Told = Callable[[int, int], None]
_LIVING = DataKey.wrapped != b""


@dataclass(frozen=True)
class Status:
    """`active` is the number of the newest wrapping key of the file, `in_file` has all of them; `wrapped` says how many
    data keys need which; `closed` are numbers of data keys that do not open."""

    active: int
    in_file: tuple[int, ...]
    wrapped: dict[int, int]
    closed: tuple[int, ...]

    @property
    def old(self) -> int:
        """Data keys that are not wrapped with the active key."""
        return sum(count for number, count in self.wrapped.items() if number != self.active)


def bind() -> None:
    """Note to which key file this database belongs, unless that is known. KeyFileError for another one. Commits."""
    belong()
    db.session.commit()


def status() -> Status:
    """How far a rotation is, each data key tried."""
    keyring().reload()
    wrapped, closed = Counter[int](), list[int]()
    with looking():
        _try_all(wrapped, closed)
        db.session.rollback()
    file = keyring().file
    return Status(file.active, tuple(sorted(file.keys)), dict(sorted(wrapped.items())), tuple(closed))


def _try_all(wrapped: Counter[int], closed: list[int]) -> None:
    living = select(DataKey).where(_LIVING).order_by(DataKey.number)
    for row in db.session.scalars(living.execution_options(yield_per=1000)):
        wrapped[wrapping_number(row.wrapped)] += 1
        try:
            keyring().unwrap(row.wrapped, row.number, row.scope)
        except Tampered:
            closed.append(row.number)


def add() -> int:
    """Add a wrapping key to the key file, durably, and make it active; its number. Commits."""
    ring = keyring()
    ring.reload()
    number = ring.file.with_new_key().active
    ring.reload()
    record_deployment("ADD_KEY", number=number)
    db.session.commit()
    return number


def rewrap(told: Told = lambda n, of: None) -> int:
    """Wrap every data key with the active key; how many were wrapped anew. Safe while the portal is in use, and to be
    called again after it was interrupted: what is done stays done. Commits after each batch."""
    ring, done, last = keyring(), 0, 0
    ring.reload()
    of = db.session.scalar(select(func.count()).select_from(DataKey).where(_LIVING)) or 0
    seen = 0
    while True:
        query = select(DataKey.number, DataKey.scope, DataKey.wrapped).where(_LIVING, DataKey.number > last)
        rows = db.session.execute(query.order_by(DataKey.number).limit(BATCH)).all()
        if not rows:
            break
        for number, scope, wrapped in rows:
            last, seen = number, seen + 1
            if ring.needs_rewrap(wrapped):
                done += _replace(number, wrapped, ring.rewrap(wrapped, number, scope))
        db.session.commit()
        told(seen, max(of, seen))
    if done:
        record_deployment("REWRAP_KEYS", number=ring.file.active, rows=done)
        db.session.commit()
    return done


def _replace(number: int, old: bytes, new: bytes) -> int:
    """1 unless the row changed or went meanwhile."""
    row = update(DataKey).where(DataKey.number == number, DataKey.wrapped == old)
    changed = db.session.execute(row.values(wrapped=new).execution_options(synchronize_session=False))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def drop(number: int) -> None:
    """Drop an old wrapping key from the file for good. KeyFileError while a data key still needs it, and for the
    active one. Commits.

    Nobody makes a data key meanwhile: a server that still holds the old file would wrap it with the key that goes.
    """
    ring = keyring()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE"))
    ring.reload()
    needed = needing(number)
    if needed and number != ring.file.active:
        db.session.rollback()
        raise KeyFileError(f"{needed} data keys are still wrapped by key {number}: run `portal keys rewrap` first")
    ring.file.without_key(number)
    record_deployment("DROP_KEY", number=number)
    db.session.commit()
    ring.reload()
    forget_keys()


def needing(number: int) -> int:
    """How many data keys are wrapped by this wrapping key."""
    head = func.substr(DataKey.wrapped, 2, 2) == number.to_bytes(2, "big")
    return db.session.scalar(select(func.count()).select_from(DataKey).where(head)) or 0
