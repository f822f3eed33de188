"""The actor a command acts as: the operator of the machine, in one post of one place. Steps show no user.

And what all commands share that write data of many pupils: a purpose, a password, a file that is whole or not there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from portal.models import Place, db
from portal.rules.roles import Actor, Level, Role
from portal.services import export_locks
from portal.services.refusals import NotFound


def acting_for(place: Place, role: Role = Role.REGISTRAR) -> Actor:
    """An actor in a post of this place without an account."""
    return Actor(
        user_id=None,
        session_id=None,
        role=role,
        level=Level(place.level),
        place_id=place.id,
        path=place.path,
        name="",
        place_name=place.name,
    )


def school_coded(code: str) -> Place:
    """A school by its 10-digit code; raises `NotFound`."""
    place = db.session.scalar(select(Place).where(Place.level == Level.SCHOOL, Place.code == code.strip()))
    if place is None:
        raise NotFound
    return place


def add_purpose(command: argparse.ArgumentParser) -> None:
    """What every command asks that writes data of many pupils."""
    command.add_argument("--purpose", required=True, metavar="TEXT", help="what for; written down")
    command.add_argument("--plain", action="store_true", help="not locked with a password")


def password_for(args: argparse.Namespace) -> str | None:
    """A new password for the file, or None when it is not to be locked."""
    return None if args.plain else export_locks.new_password()


def tell_password(password: str | None) -> None:
    """Say the password where no script that reads the output keeps it by the way: it is told once."""
    if password:
        print(f"password, told once: {password}", file=sys.stderr)


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file of mode 0600 that stands under its name when everything has been written, and never in part (sec-R18)."""
    part = path.with_name(f".{path.name}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
