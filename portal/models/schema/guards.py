"""Triggers that keep steps as they were written: no row is removed, none is changed but once, by its seal (sec-A37).

A migration that copies the table `step` on SQLite loses them with the old table: it calls `put_up` afterwards.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_KEPT = ("id", "at", "by_id", "role", "place_id", "path", "thing", "thing_id", "move", "before", "after", "details")
#: what a step says; `position` and `seal` are filled once, together
TOLD = (*_KEPT, "reason_sealed", "request", "origin")
NAMES = ("step_stays", "step_unchanged", "step_not_replaced")


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
    """Triggers that should stand and do not, or are switched off."""
    if connection.dialect.name == "postgresql":
        standing = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'step'::regclass AND tgenabled IN ('O', 'A')"
        return sorted({"step_stays"} - set(connection.scalars(text(standing))))
    found = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'step'")))
    return sorted(set(NAMES) - found)


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
_POSTGRES = (
    f"""CREATE OR REPLACE FUNCTION step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        IF {_SEALED_ONCE} AND {_SAME_ROW} THEN
          RETURN NEW;
        END IF;
      END IF;
      RAISE EXCEPTION 'steps are never changed or removed';
    END $$""",
    "CREATE TRIGGER step_stays BEFORE UPDATE OR DELETE ON step FOR EACH ROW EXECUTE FUNCTION step_stays()",
)
