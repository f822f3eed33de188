"""Does this database belong to this key file? Asked before anything is written: with another one every new value would
be sealed for nobody, and every code and number would be looked for in vain (sec-A49)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.keys import KeyFileError, Keyring, Tampered
from portal.models.base import looking
from portal.models.data_keys import DataKey, Deployment

_WHAT_TO_DO = "nothing was written; set PORTAL_KEY_FILE to the key file this database was made with"


def has_keys(engine: Engine) -> bool:
    """Is there anything in the database that needs a key file?"""
    return _asked(engine, lambda connection: _check(connection) is not None or _first(connection) is not None)


def refuse_other(engine: Engine, ring: Keyring) -> None:
    """KeyFileError, one line for the operator, when the database belongs to another key file. A database without tables
    belongs to none yet; one that does not answer is met again by whoever asks it for something."""
    _asked(engine, lambda connection: _agrees(connection, ring))


def _agrees(connection: Connection, ring: Keyring) -> bool:
    path, check = ring.file.path, _check(connection)
    if check is not None and check != ring.check_value:
        told = f"the database belongs to another key file (check value {check}, this one has {ring.check_value})"
        raise KeyFileError(f"{path}: {told}; {_WHAT_TO_DO}")
    row = _first(connection) if check is None else None
    if row is not None:
        try:
            ring.unwrap(row.wrapped, row.number, row.scope)
        except Tampered:
            raise KeyFileError(f"{path}: it does not open the data keys of this database; {_WHAT_TO_DO}") from None
    return True


def _check(connection: Connection) -> str | None:
    return _scalar(connection, select(Deployment.key_check))


def _first(connection: Connection) -> Any:
    found = select(DataKey.number, DataKey.scope, DataKey.wrapped).where(DataKey.wrapped != b"")
    return _row(connection, found.order_by(DataKey.number).limit(1))


def _scalar(connection: Connection, query: Any) -> Any:
    row = _row(connection, query)
    return None if row is None else row[0]


def _row(connection: Connection, query: Any) -> Any:
    """The first row; None also where the table is not there yet."""
    try:
        with connection.begin():
            return connection.execute(query).first()
    except ProgrammingError:
        return None
    except OperationalError as error:
        if "no such table" in str(error.orig):
            return None
        raise


def _asked(engine: Engine, question: Callable[[Connection], bool]) -> bool:
    """The answer of a database that is there; False for one that is not."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
        return False
    try:
        with looking(), engine.connect() as connection:
            return question(connection)
    except OperationalError:
        return False
    finally:
        engine.dispose()  # no connection of before a fork is used after it
