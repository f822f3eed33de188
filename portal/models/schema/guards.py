"""Triggers that keep steps as they were written: no row is removed, none is changed but once, by its seal (sec-A37).

A migration that copies the table `step` on SQLite loses them with the old table: it calls `put_up` afterwards.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_KEPT = ("id", "at", "by_id", "role", "place_id", "path", "thing", "thing_id", "move", "before", "after", "details")
#: what a step says; `position` and `seal` are filled once, together
TOLD = (*_KEPT, "reason_sealed", "request", "origin")
NAMES = ("step_stays", "step_unchanged", "step_not_replaced", "step_not_emptied")


def put_up(connection: Connection) -> None:
    """Make the triggers."""
    for statement in _POSTGRES if connection.dialect.name == "postgresql" else _SQLITE:
        connection.execute(text(statement))


def take_down(connection: Connection) -> None:
    """Remove them, before a migration that copies or changes the table."""
    on = " ON step" if connection.dialect.name == "postgresql" else ""
    for name in NAMES:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
    if on:
        connection.execute(text("DROP FUNCTION IF EXISTS step_stays()"))


def missing(connection: Connection) -> list[str]:
    """Triggers that should stand and do not, are switched off or do something else, and those that should not."""
    standing = _standing_postgres if connection.dialect.name == "postgresql" else _standing_sqlite
    return sorted(standing(connection))


def _standing_sqlite(connection: Connection) -> set[str]:
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'step'"))
    should = {(statement.split()[2], statement) for statement in _SQLITE}
    return {name for name, _ in should ^ {(row.name, row.sql) for row in found}}


def _standing_postgres(connection: Connection) -> set[str]:
    """Also when another function was put in the place of ours, or a condition was added that never holds."""
    whole = "t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''"
    found = connection.execute(
        text(
            f"SELECT t.tgname, t.tgtype, p.prosrc, {whole} FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE t.tgrelid = 'step'::regclass AND NOT t.tgisinternal"
        )
    )
    should = {(name, kind, _BODY, True) for name, kind in _KINDS.items()}
    return {row[0] for row in should ^ {tuple(row) for row in found}}


_SAME = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in TOLD)
_SEALED_ONCE = "OLD.position IS NULL AND OLD.seal IS NULL AND NEW.position IS NOT NULL AND NEW.seal IS NOT NULL"
_REFUSE = "SELECT RAISE(ABORT, 'steps are never changed or removed')"
_SQLITE = (
    f"CREATE TRIGGER step_stays BEFORE DELETE ON step BEGIN {_REFUSE}; END",
    f"CREATE TRIGGER step_unchanged BEFORE UPDATE ON step WHEN NOT ({_SEALED_ONCE} AND {_SAME}) BEGIN {_REFUSE}; END",
    # INSERT OR REPLACE removes the row that is in its way without asking the trigger for DELETE
    "CREATE TRIGGER step_not_replaced BEFORE INSERT ON step WHEN EXISTS (SELECT 1 FROM step WHERE id = NEW.id) "
    "OR (NEW.position IS NOT NULL AND EXISTS (SELECT 1 FROM step WHERE position = NEW.position)) "
    f"BEGIN {_REFUSE}; END",
)
_SAME_ROW = " AND ".join(f'NEW."{name}"::text IS NOT DISTINCT FROM OLD."{name}"::text' for name in TOLD)
_BODY = f"""
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF {_SEALED_ONCE} AND {_SAME_ROW} THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION 'steps are never changed or removed';
    END """
_POSTGRES = (
    f"CREATE OR REPLACE FUNCTION step_stays() RETURNS trigger LANGUAGE plpgsql AS $${_BODY}$$",
    "CREATE TRIGGER step_stays BEFORE UPDATE OR DELETE ON step FOR EACH ROW EXECUTE FUNCTION step_stays()",
    "CREATE TRIGGER step_not_emptied BEFORE TRUNCATE ON step FOR EACH STATEMENT EXECUTE FUNCTION step_stays()",
)
#: what PostgreSQL calls them: before, each row, delete, update; before, truncate
_KINDS = {"step_stays": 2 + 1 + 8 + 16, "step_not_emptied": 2 + 32}
