"""What a new value would break, and what counts as said."""

from __future__ import annotations

from datetime import date

from portal.commands.made_up import record_numbered
from portal.rules.context import Context
from portal.rules.corrections import errors_of, is_told, own_errors_of

CONTEXT = Context.on(date(2027, 5, 1))


def test_an_error_at_another_item_refuses_only_at_entry() -> None:
    record = record_numbered(1)
    number = record_numbered(2)["id_number"]
    codes = {found.item for found in errors_of(record, "id_number", number, CONTEXT)}
    assert codes - {"id_number"}, "the birth date and the student number do not fit it"
    assert own_errors_of(record, "id_number", number, CONTEXT) == []
    assert own_errors_of(record, "id_number", "12", CONTEXT)
    assert errors_of(record, "postcode", "999000", CONTEXT) == []


def test_what_was_wrong_before_refuses_nothing() -> None:
    record = record_numbered(1) | {"guardian1_is_guardian": "0", "guardian2_is_guardian": "0"}
    assert errors_of(record, "postcode", "999000", CONTEXT) == []


def test_what_counts_as_said_on_the_screen() -> None:
    assert is_told({"typed": ""})
    assert is_told({"typed": None, "asked": True})
    assert not is_told({"printed": "1", "ticked": None, "entered": None})
