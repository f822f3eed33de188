"""`portal database`: bring the schema up to date."""

from __future__ import annotations

import argparse
from typing import Any

from flask import Flask

from portal.models import db
from portal.models.schema import migrating
from portal.models.schema import upgrade as upgrade_schema
from portal.services import rotation


def register(groups: Any) -> None:
    """Add the group to the command line."""
    group = groups.add_parser("database", help="the schema of the database")
    commands = group.add_subparsers(dest="command", required=True)
    commands.add_parser("upgrade", help="bring the tables up to date").set_defaults(func=upgrade)


def upgrade(args: argparse.Namespace, app: Flask) -> int:
    """Run all migrations that are missing."""
    with migrating(db.engine) as connection:
        upgrade_schema(connection)
    rotation.bind()
    print("the database is up to date")
    return 0
