"""What a new value would break, and where screen and paper differ."""

from __future__ import annotations

from datetime import date

import pytest

from portal.commands.made_up import record_numbered
from portal.rules.context import Context
from portal.rules.corrections import Told, disagreement, errors_of, is_told, own_errors_of

CONTEXT = Context.on(date(2027, 5, 1))


@pytest.mark.parametrize(
    ("told", "begins"),
    [
        (Told(typed="1", inked=True), None),
        (Told(typed="1", inked=True, ticked="1"), None),
        (Told(typed="1"), "家长在手机上填了，纸上没有写"),
        (Told(typed=""), "家长在手机上填了，纸上没有写"),
        (Told(typed="1", paper=False), None),
        (Told(typed="1", inked=True, ticked="0"), "纸上勾的和手机上填的不一样"),
        (Told(inked=True, confirmed=True), "纸上写了，手机上家长说没有错"),
        (Told(inked=True, confirmed=True, asked=True), None),
        (Told(inked=True), None),
        (Told(asked=True), None),
    ],
)
def test_screen_against_paper(told: Told, begins: str | None) -> None:
    found = disagreement(told)
    assert found is None if begins is None else (found or "").startswith(begins)


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
