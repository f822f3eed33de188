"""The chain of steps: h_n = HMAC-SHA256(k, h_{n-1} | position | SHA-256(canonical JSON of the step)) (sec 7.3).

Works on a plain connection, without models: what is hashed is what stands in the database, told alike by SQLite and
PostgreSQL, so that a database moved from one to the other keeps its chain.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from portal.models.schema.guards import TOLD

#: names the form of what is hashed; columns added later are appended, and left out while they are empty
FORM = "portal step 1"
_LOCK = 0x5EA1_0001
_AT_ONCE = 2000  # what stays in the cache of the processor
_REASON = TOLD.index("reason_sealed")
_BEGINNING = f'["{FORM}",'


class Head(NamedTuple):
    """The last sealed position and its seal; of an empty chain 0 and the seal that all chains of a key begin with."""

    position: int
    seal: bytes


#: a sealed step as it is kept: its position, its seal (None when it was taken away), the digest of its columns; a
#: plain tuple, for there are millions
Link = tuple[int, bytes | None, bytes]


def beginning(key: bytes) -> Head:
    """What the first step is chained to."""
    return Head(0, hmac.digest(key, FORM.encode(), "sha256"))


def sealer(key: bytes) -> Callable[[bytes, int, bytes], bytes]:
    """The function (seal before, position, digest) -> seal of a key: HMAC-SHA256, with the key's own blocks hashed
    once instead of with every step, which makes a chain of millions three times as fast."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def seal(before: bytes, position: int, digest: bytes) -> bytes:
        one, other = inner.copy(), outer.copy()
        one.update(before + position.to_bytes(8, "big") + digest)
        other.update(one.digest())
        return other.digest()

    return seal


def digest_of(told: list[Any]) -> bytes:
    """SHA-256 of a step's columns in the order of `TOLD`, as a compact JSON list of texts that begins with `FORM`;
    empty columns at the end are left out, of the list that is given, too."""
    if told[_REASON] is not None:
        told[_REASON] = bytes(told[_REASON]).hex()
    while told[-1] is None:
        del told[-1]
    # json.dumps gives the same text and takes four times as long
    texts = ",".join([encode_basestring(value) if value is not None else "null" for value in told])
    return hashlib.sha256(f"{_BEGINNING}{texts}]".encode()).digest()


def head_of(connection: Connection, key: bytes) -> Head:
    """The end of the chain as it is kept."""
    last = "SELECT position, seal FROM step WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1"
    row = connection.execute(text(last)).first()
    return Head(row[0], bytes(row[1] or b"")) if row else beginning(key)


def is_waiting(connection: Connection) -> bool:
    """Is there a step without a seal?"""
    return connection.execute(text("SELECT 1 FROM step WHERE position IS NULL LIMIT 1")).first() is not None


def seal_next(connection: Connection, key: bytes, most: int = 1000) -> int:
    """Give up to `most` waiting steps their positions and seals, in the caller's transaction, which must be one that
    writes; how many. Of several sealers at once one works. A step that is committed late gets a later position."""
    on_postgres = connection.dialect.name == "postgresql"
    if on_postgres and not connection.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")):
        return 0
    head, seal_of = head_of(connection, key), sealer(key)
    waiting = f"SELECT id, {_told(connection)} FROM step WHERE position IS NULL ORDER BY at, id LIMIT {most}"
    # whoever holds a step just now keeps it: it is sealed next time, and nobody waits for the other in a ring
    rows = connection.execute(text(waiting + (" FOR UPDATE SKIP LOCKED" if on_postgres else ""))).all()
    sealed = []
    for row in rows:
        seal = seal_of(head.seal, head.position + 1, digest_of(list(row[1:])))
        head = Head(head.position + 1, seal)
        sealed.append({"id": row[0], "position": head.position, "seal": seal})
    if sealed:
        connection.execute(text("UPDATE step SET position = :position, seal = :seal WHERE id = :id"), sealed)
    return len(sealed)


def links(connection: Connection, after: int = 0) -> Iterator[Link]:
    """All sealed steps behind a position, in order; read in pieces, each in a statement of its own."""
    columns = f"{_told(connection)}, seal, position"
    cursor = connection.connection.cursor()  # plain rows: the richer ones of SQLAlchemy cost as much as the seals
    while True:
        cursor.execute(f"SELECT {columns} FROM step WHERE position > {after:d} ORDER BY position LIMIT {_AT_ONCE}")
        rows = cursor.fetchall()
        for row in rows:
            told = list(row)
            position, seal = told.pop(), told.pop()
            yield position, seal, digest_of(told)
        if len(rows) < _AT_ONCE:
            cursor.close()
            return
        after = rows[-1][-1]


_IDS = {"id", "by_id", "place_id", "thing_id"}


def _told(connection: Connection) -> str:
    """The columns of `TOLD` as texts: ids as 32 hex digits, the moment in UTC with microseconds, details as written."""
    if connection.dialect.name != "postgresql":
        return ", ".join(f'"{name}"' for name in TOLD)
    forms = {name: f"replace({name}::text, '-', '')" for name in _IDS}
    forms["at"] = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    forms["details"] = "details::text"
    return ", ".join(forms.get(name, f'"{name}"') for name in TOLD)
