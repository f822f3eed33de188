"""Anchors of the chain of steps: a signed line every hour and at midnight, in a folder that another person watches."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from portal.keys.signing import is_signed, public_of, sign
from portal.models import Step, db, keyring
from portal.models.base import looking
from portal.rules.anchors import Anchor, NotAnAnchor, parse, short_code
from portal.rules.clock import day_start, local, now
from portal.services import audit_chain

_FILES = "anchors-*.jsonl"


@dataclass
class Kept:
    """The anchors of a file or folder, oldest first, and what is wrong with lines that are none: `FILE:LINE`."""

    anchors: list[Anchor] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    unsigned: list[str] = field(default_factory=list)


def folder() -> Path:
    """Where this deployment keeps its anchors."""
    found: Path = current_app.extensions["portal.settings"].anchor_folder
    return found


def public_key() -> bytes:
    """The key with which anybody can check an anchor's signature."""
    return public_of(keyring().derive("audit anchor"))


def make(moment: datetime | None = None) -> Anchor:
    """Append an anchor of the chain as it is now, durably; OSError when the folder does not take it."""
    moment = moment or now()
    with looking(), db.engine.connect() as connection:
        head = audit_chain.head_of(connection, keyring().derive("audit"))
    before = last()
    bare = Anchor(head.position, head.seal, head.position - (before.position if before else 0), moment)
    made = replace(bare, signature=sign(keyring().derive("audit anchor"), bare.signed))
    _append(folder() / f"anchors-{local(moment):%Y-%m}.jsonl", made.line)
    return made


def is_due(before: Anchor | None, moment: datetime) -> bool:
    """Is it an hour since the last anchor, or has a day begun in Shanghai since?"""
    if before is None or before.time > moment:
        return True
    midnight = day_start(local(moment).date())
    return moment - before.time >= timedelta(hours=1) or before.time < midnight


def make_due() -> int:
    """Make an anchor when one is due; called by the worker. How many were made."""
    if not is_due(last(), now()):
        return 0
    make()
    return 1


def last() -> Anchor | None:
    """The newest anchor of this deployment; None when there is none that can be read. Those that were made while the
    clock was ahead are passed over: they stand in files of months to come, and each call would find one due again."""
    public, moment = public_key(), now()
    for path in reversed(sorted(folder().glob(_FILES))):
        for line in reversed(_lines(path)):  # signatures are tried from the end: a month has hundreds
            kept = Kept()
            _take(kept, public, line, "")
            if kept.anchors and kept.anchors[0].time <= moment:
                return kept.anchors[0]
    return None


def read(path: Path) -> Kept:
    """The anchors of a file, or of all files of a folder. OSError when it cannot be read."""
    kept, public = Kept(), public_key()
    files = sorted(path.glob(_FILES)) if path.is_dir() else [path]
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            _take(kept, public, line, f"{file.name}:{number}")
    return kept


def _lines(path: Path) -> list[str]:
    """The lines of a file. One without its end was cut off by a power cut, and was never reported as kept."""
    return path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]


def own() -> Kept:
    """The anchors of this deployment: none before the first one."""
    return read(folder()) if folder().exists() else Kept()


def days(most: int = 30) -> list[tuple[date, Anchor]]:
    """The last anchor of each Shanghai day, newest first: what is written down by hand."""
    by_day = {local(anchor.time).date(): anchor for anchor in own().anchors}
    return sorted(by_day.items(), reverse=True)[:most]


def code_at(position: int) -> str | None:
    """The short code of the head at a position, to compare with a note; None when there is no such step."""
    if position == 0:
        return short_code(audit_chain.beginning(keyring().derive("audit")).seal)
    seal = db.session.scalar(select(Step.seal).where(Step.position == position))
    return short_code(seal) if seal else None


def _take(kept: Kept, public: bytes, line: str, where: str) -> None:
    if not line.strip():
        return
    try:
        anchor = parse(line)
    except NotAnAnchor:
        kept.unreadable.append(where)
        return
    if is_signed(public, anchor.signed, anchor.signature):
        kept.anchors.append(anchor)
    else:
        kept.unsigned.append(where)


def _append(path: Path, line: str) -> None:
    """One line at the end of a file, on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (("\n" if torn else "") + line + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
