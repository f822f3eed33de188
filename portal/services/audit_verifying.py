"""Is the history still what was written? The chain is computed again and compared with every anchor (sec 7.4, 7.5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from portal.models import db, keyring
from portal.models.base import looking
from portal.models.schema import guards
from portal.rules.anchors import Anchor
from portal.services import audit_anchors, audit_chain, audit_sealing
from portal.services.audit_chain import Head, Link


class Answer(IntEnum):
    """The exit status of `portal audit verify`."""

    OK = 0
    TAMPERED = 1
    CONTRADICTED = 2
    CANNOT_CHECK = 3


@dataclass
class Verdict:
    """What was found: positions `first` to `last` agree; `kind` says what does not, at `position`.

    Kinds: changed (a step or its seal), missing (a position), unguarded (the triggers are not ours), cut (an anchor
    lies behind the end), rewritten (an anchor has another head), forged (a line of anchors without our signature).
    """

    answer: Answer = Answer.OK
    first: int = 1
    last: int = 0
    head: str = ""
    kind: str = ""
    position: int | None = None
    where: str = ""
    matched: int = 0
    oldest: datetime | None = None
    unreadable: list[str] = field(default_factory=list)
    unsealed: int = 0
    age: timedelta = timedelta(0)

    def found(self, answer: Answer, kind: str, position: int | None = None, where: str = "") -> Verdict:
        """Keep the first thing that was found; what is worse comes first."""
        if self.answer == Answer.OK:
            self.answer, self.kind, self.position, self.where = answer, kind, position, where
        return self

    def told(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {
            "answer": self.answer.name.lower(),
            "exit": int(self.answer),
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "age": round(self.age.total_seconds(), 1),
        }

    @property
    def stands_still(self) -> bool:
        """Does no sealer run?"""
        return self.age > audit_sealing.STANDS_STILL


def verify(since: int = 1, anchors: Path | None = None) -> Verdict:
    """Compute the chain again from position `since` to its end, and compare it with the anchors: those of the
    deployment's own folder, or of a file or folder that is given. Only reads."""
    verdict = Verdict(first=since, last=since - 1)
    try:
        kept = audit_anchors.read(anchors) if anchors else audit_anchors.own()
    except OSError as error:
        return verdict.found(Answer.CANNOT_CHECK, "anchors", where=str(error))
    verdict.unreadable = kept.unreadable
    with looking(), db.engine.connect() as connection:
        verdict.unsealed, verdict.age = audit_sealing.waiting(connection)
        follow(verdict, connection, since, kept.anchors)
    if kept.unsigned:
        verdict.found(Answer.CONTRADICTED, "forged", where=", ".join(kept.unsigned[:3]))
    return verdict


def follow(verdict: Verdict, connection: Connection, since: int, anchors: list[Anchor]) -> None:
    """The chain of a connection's database from a position on, its triggers, and what anchors say of it."""
    key = keyring().derive("audit")
    before = _begin(connection, key, since)
    if before is None:
        verdict.found(Answer.TAMPERED, "missing", since - 1)
        return
    _follow(verdict, audit_chain.links(connection, since - 1), key, before, anchors)
    if gone := guards.missing(connection):
        verdict.found(Answer.TAMPERED, "unguarded", where=", ".join(gone))


def _begin(connection: Connection, key: bytes, since: int) -> Head | None:
    """What the first step to check is chained to; None when it is gone."""
    if since <= 1:
        return audit_chain.beginning(key)
    one = next(audit_chain.links(connection, since - 2), None)
    if one is None or one[0] != since - 1 or one[1] is None:
        return None
    return Head(one[0], bytes(one[1]))


def _follow(verdict: Verdict, links: Iterable[Link], key: bytes, before: Head, anchors: list[Anchor]) -> None:
    waiting: dict[int, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        waiting[anchor.position].append(anchor)
    (last, head), seal_of = before, audit_chain.sealer(key)
    _compare(verdict, waiting.pop(last, []), before)
    for position, kept, digest in links:
        if position != last + 1:
            verdict.found(Answer.TAMPERED, "missing", last + 1)
            break
        seal = seal_of(head, position, digest)
        if seal != kept:
            verdict.found(Answer.TAMPERED, "changed", position)
            break
        last, head = position, seal
        if position in waiting:
            _compare(verdict, waiting.pop(position), Head(position, seal))
    verdict.last, verdict.head = last, head.hex()
    beyond = [position for position in waiting if position > last]
    if beyond and verdict.answer == Answer.OK:
        verdict.found(Answer.CONTRADICTED, "cut", last + 1, where=waiting[min(beyond)][0].time.isoformat())


def _compare(verdict: Verdict, anchors: list[Anchor], head: Head) -> None:
    for anchor in anchors:
        if anchor.head != head.seal:
            verdict.found(Answer.CONTRADICTED, "rewritten", head.position, where=anchor.time.isoformat())
            continue
        verdict.matched += 1
        verdict.oldest = min(verdict.oldest or anchor.time, anchor.time)
