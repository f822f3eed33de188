"""Column entry in the demo: the operator has begun with the telephone numbers of the class that sent its photos."""

from __future__ import annotations

from portal.commands.demo_province import PASSWORD
from portal.services import accounts, column_entry, entry


def add() -> None:
    """Of the numbers that wait one is saved and one could not be read; the others are before the operator."""
    operator = accounts.actor_of(accounts.sign_in("operator", PASSWORD))
    assert operator is not None
    column_entry.claim(operator, "phone")
    rows = [row for row in column_entry.column(operator, "phone").rows if row.change.outcome == "open"]
    if rows:
        column_entry.save(operator, rows[0].change.id, rows[0].change.version, "15400004321")
    if len(rows) > 2:
        entry.mark_unclear(operator, rows[1].change.id, rows[1].change.version)
