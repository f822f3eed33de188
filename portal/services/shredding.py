"""The end of a round's personal data: its data keys are deleted, what they sealed is emptied, its files go.

What stays tells of nobody: states, counts, times, receipts and the addresses of photos; figures and the digests of
receipts hold on. A data key in a backup opens only with the wrapping key of that time: rotate it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from portal.keys import Shredded, is_shredded, number_of, shredded
from portal.models import Base, DataKey, Place, Round, Sheet, Unlisted, db
from portal.models.base import looking
from portal.models.data_keys import forget_keys
from portal.rules.clock import local, now, today
from portal.rules.words import N_
from portal.rules.workflow import SheetState
from portal.services import photos, stored
from portal.services.history import record
from portal.services.refusals import NotFound, Refusal, TooLate

__all__ = ["Done", "Shredded", "is_gone", "open_sheets", "shred", "shredded_on", "shredded_rounds", "titled"]

_MARK = "shredded_at"
_PIECE = 500


@dataclass
class Done:
    """What went: data keys, sealed values, files; `left` are files that a running backup still needs, they go later."""

    keys: int = 0
    values: int = 0
    files: int = 0
    left: int = 0
    addresses: set[str] = field(default_factory=set, repr=False)


def is_gone(round_: Round) -> bool:
    """Was this round shredded?"""
    return _MARK in (round_.settings or {})


def shredded_rounds() -> set[UUID]:
    """The rounds that were shredded."""
    return {one.id for one in db.session.scalars(select(Round)) if is_gone(one)}


def shredded_on(round_: Round) -> date | None:
    """The day on which a round was shredded."""
    marked = (round_.settings or {}).get(_MARK)
    return local(datetime.fromisoformat(marked)).date() if marked else None


def titled(province_code: str, title: str) -> Round:
    """A round of a province by its title; raises `NotFound`."""
    query = select(Round).join(Place, Place.id == Round.province_id)
    found = db.session.scalar(query.where(Place.code == province_code.strip(), Round.title == title.strip()))
    if found is None:
        raise NotFound
    return found


def open_sheets(round_: Round) -> int:
    """Sheets of a round that are not filed for good."""
    query = select(func.count()).select_from(Sheet).where(Sheet.round_id == round_.id, Sheet.in_scope)
    return db.session.scalar(query.where(Sheet.state != SheetState.ARCHIVED)) or 0


def shred(round_: Round, unfinished: bool = False) -> Done:
    """Delete the data keys of a round that is over, empty what they sealed, remove its files. Commits, keys first: from
    then on nothing of it can be read, whatever happens to the rest; called again it ends what was begun.

    Raises `TooLate` before the round's end, `Refusal` while sheets are not filed, unless `unfinished`.
    """
    if today() <= round_.ends:
        raise TooLate(N_("这一轮核查还没有结束，不能销毁。"))
    left = open_sheets(round_)
    if left and not unfinished and not is_gone(round_):
        raise Refusal(N_("还有 %(n)s 张表没有归档，不能销毁。"), n=left)
    done = Done(addresses=_addresses(round_.id))
    db.session.refresh(round_)
    first = not is_gone(round_)
    round_.settings = (round_.settings or {}) | {_MARK: (round_.settings or {}).get(_MARK, now().isoformat())}
    keys = list(db.session.scalars(select(DataKey).where(DataKey.scope.endswith(f":{round_.id.hex}"))))
    for key in keys:  # the row stays without its key: its number must not be given to another one
        key.scope, key.wrapped = f"shredded:{key.number}", b""
    done.keys = len(keys)
    if first:
        record(None, round_, "SHRED_ROUND", round_.province_id, keys=done.keys)
    round_id = round_.id
    db.session.commit()
    forget_keys()
    done.values = _empty(round_id)
    _remove_files(done)
    _leave_no_pages()
    return done


def _addresses(round_id: UUID) -> set[str]:
    """Addresses of all files of a round: those in columns stand there also when its readings do not open any more."""
    db.session.rollback()
    with looking():  # this may take a while, and nobody who writes waits for it
        found = {one.address for one in stored.named(db.session) if one.round_id == round_id}
        db.session.rollback()
    return found


def _empty(round_id: UUID) -> int:
    """Leave of each sealed value only its head, which tells that something was there; how many. Commits."""
    db.session.execute(update(Unlisted).where(Unlisted.round_id == round_id).values(id_index=None))
    db.session.commit()
    numbers = set(db.session.scalars(select(DataKey.number).where(DataKey.wrapped != b"")))
    count = 0
    for model, name in _sealed_of_rounds():
        column = getattr(model, f"{name}_sealed")
        query = select(model.id, column).where(model.round_id == round_id, column.is_not(None))
        done = 0
        for row_id, value in stored.rows(db.session, query, model.id):
            if is_shredded(value) or number_of(value) in numbers:
                continue
            _write(model, row_id, f"{name}_sealed", shredded(value))
            done += 1
            if done % _PIECE == 0:
                db.session.commit()
        db.session.commit()
        count += done
    return count


def _write(model: Any, row_id: UUID, column: str, value: bytes) -> None:
    table = model.__table__
    db.session.execute(update(table).where(table.c.id == row_id).values({column: value}))


def _sealed_of_rounds() -> list[tuple[Any, str]]:
    """Sealed attributes of rows that belong to a round."""
    models = [mapper.class_ for mapper in Base.registry.mappers if "round_id" in mapper.columns]
    return [(model, name) for model in models for name in getattr(model, "SEALED", ())]


def _remove_files(done: Done) -> None:
    for address in done.addresses:  # no other round has one of them: they are made with its key
        if photos.remove(address):
            done.files += 1
        else:
            done.left += 1


def _leave_no_pages() -> None:
    """Give the pages of what was deleted back, so that the wrapped keys do not wait in them to be written over."""
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execute(text("VACUUM data_key"))
        else:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
