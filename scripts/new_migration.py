"""Writes a new migration: what differs between migrated schema and models. Usage: new_migration.py NUMBER MESSAGE"""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy import create_engine

from portal.models.schema import config, upgrade


def main(number: str, message: str) -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        upgrade(connection)
        command.revision(config(connection), message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(sys.argv[1], " ".join(sys.argv[2:]))
