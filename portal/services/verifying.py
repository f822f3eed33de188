"""Is every file that a row names there and whole, does every sealed value open, and is there a file nobody names?
(sec-R22; what a crash may leave is a file without row, never a row without file.)"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.files import BlobMissing, Stored
from portal.keys import Shredded, Tampered, is_shredded
from portal.models import Base, DataKey, db, kept_key
from portal.models.base import looking
from portal.models.data_keys import scope_of
from portal.rules.clock import now
from portal.services import photos, rotation, shredding, stored
from portal.services.stored import Named

#: files without row that are younger may belong to a row that is being written
YOUNG = timedelta(hours=24)
Told = Callable[[int], None]
#: (which, of how many): the share of files and values that is opened
Part = tuple[int, int]


@dataclass
class Verdict:
    """What was found. `missing`, `damaged` and `closed` (its data key is gone, and nobody shredded it) are files that a
    row names; `values` are sealed values that do not open, as (table, column, row); `strangers` are files that no row
    names and that are old enough, `young` counts the others; `keys` are data keys that do not open."""

    files: int = 0
    opened: int = 0
    values_opened: int = 0
    shredded: int = 0
    young: int = 0
    missing: list[Named] = field(default_factory=list)
    damaged: list[Named] = field(default_factory=list)
    closed: list[Named] = field(default_factory=list)
    values: list[tuple[str, str, UUID]] = field(default_factory=list)
    strangers: list[Stored] = field(default_factory=list)
    keys: tuple[int, ...] = ()
    removed: int = 0

    @property
    def faults(self) -> int:
        """How many things are wrong; strangers are only in the way."""
        files = len(self.missing) + len(self.damaged) + len(self.closed)
        return files + len(self.values) + len(self.keys)

    @property
    def clean(self) -> bool:
        """Nothing wrong and nothing in the way."""
        return not self.faults and len(self.strangers) == self.removed


def verify(quick: bool = False, part: Part = (0, 1), told: Told = lambda n: None) -> Verdict:
    """Look at all files and, unless `quick`, open those of a part of them and of all sealed values. Nothing is changed.
    StoreFailed when the store cannot be asked."""
    db.session.rollback()
    found = Verdict()
    with looking():  # nobody who writes waits meanwhile
        _verify(found, quick, part, told)
        db.session.rollback()
    return found


def _verify(found: Verdict, quick: bool, part: Part, told: Told) -> None:
    there = {one.address: one for one in photos.store().walk()}
    found.files = len(there)
    found.keys = rotation.status().closed
    keys, seen, known = _Keys(), set[str](), set[str]()
    for n, one in enumerate(stored.named(db.session)):
        known.add(one.address)
        if one.must and one.address not in seen:
            seen.add(one.address)
            _look(found, one, there, keys.of(one), not quick and _is_in(one.address, part))
        if n % 100 == 0:
            told(n)
    if not quick:
        _open_values(found, part)
    _find_strangers(found, there, known)


class _Keys:
    """Which scopes have a data key, and which rounds were shredded."""

    def __init__(self) -> None:
        self._scopes = set(db.session.scalars(select(DataKey.scope)))
        self._shredded = shredding.shredded_rounds()

    def of(self, one: Named) -> str:
        """`there`, `shredded`, or `gone` where nobody meant it."""
        if scope_of(one.place_id, one.round_id) in self._scopes:
            return "there"
        return "shredded" if one.round_id in self._shredded else "gone"


def _look(found: Verdict, one: Named, there: Collection[str], key: str, opening: bool) -> None:
    if key != "there":
        found.shredded += key == "shredded"
        if key == "gone":
            found.closed.append(one)
        return
    try:
        if opening:
            found.opened += 1
            photos.store().get(one.address, kept_key(one.place_id, one.round_id))
        elif one.address not in there and not photos.store().exists(one.address):
            raise BlobMissing
    except (BlobMissing, Shredded):
        db.session.rollback()
        if stored.still_named(db.session, one):  # it may have gone with its file meanwhile
            found.missing.append(one)
    except Tampered:
        found.damaged.append(one)


def _is_in(address: str, part: Part) -> bool:
    return int(address[:4], 16) % part[1] == part[0]


def _open_values(found: Verdict, part: Part) -> None:
    for model, name in sealed_columns():
        sealed = getattr(model, name)
        for row_id, value in stored.rows(db.session, _values(model, sealed.column), model.id):
            if value is None or row_id.int % part[1] != part[0]:
                continue
            if is_shredded(value):
                found.shredded += 1
                continue
            found.values_opened += 1
            try:
                sealed.open(row_id, value)
            except (Tampered, Shredded):
                found.values.append((model.__tablename__, name, row_id))


def _values(model: Any, column: str) -> Any:
    return select(model.id, getattr(model, column))


def sealed_columns() -> Iterator[tuple[Any, str]]:
    """Every sealed attribute of every table: (model, name)."""
    for mapper in sorted(Base.registry.mappers, key=lambda one: one.class_.__tablename__):
        for name in getattr(mapper.class_, "SEALED", ()):
            yield mapper.class_, name


def _find_strangers(found: Verdict, there: dict[str, Stored], known: set[str], moment: datetime | None = None) -> None:
    until = (moment or now()) - YOUNG
    for address, one in there.items():
        if address in known:
            continue
        if one.written_at > until:
            found.young += 1
        else:
            found.strangers.append(one)


def remove_strangers(found: Verdict) -> int:
    """Remove the old files that no row names, unless a backup is being made; how many went. Rows are asked once more,
    and each file just before it goes: the same bytes may have been sent again since, and a file that is written anew is
    young before its row is there."""
    db.session.rollback()
    with looking():
        known = {one.address for one in stored.named(db.session)}
        db.session.rollback()
    for one in found.strangers:
        with suppress(BlobMissing):
            if one.address not in known and _is_still_old(one.address) and photos.remove(one.address):
                found.removed += 1
    return found.removed


def _is_still_old(address: str) -> bool:
    written_at = photos.store().written_at(address)
    return written_at is not None and written_at <= now() - YOUNG
