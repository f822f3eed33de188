"""What a new value of one item would break, and what counts as said by a family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.rules.checks import check_item, check_record
from portal.rules.context import Context
from portal.rules.problems import Problem


def errors_of(before: Mapping[str, str], item: str, value: str, context: Context) -> list[Problem]:
    """The errors that this value would bring: of the item itself, else new ones across the items of the record."""
    own = [found for found in check_item(item, value, context) if found.is_error]
    if own:
        return own
    old = {(found.code, found.item) for found in check_record(before, context)}
    new = [found for found in check_record({**before, item: value}, context) if found.is_error]
    return [found for found in new if (found.code, found.item) not in old]


def errors_of_all(before: Mapping[str, str], values: Mapping[str, str], context: Context) -> list[Problem]:
    """The errors that these values would bring together: of the items themselves, else new ones across the record."""
    own = [found for item, value in values.items() for found in check_item(item, value, context) if found.is_error]
    if own:
        return own
    old = {(found.code, found.item) for found in check_record(before, context)}
    new = [found for found in check_record({**before, **values}, context) if found.is_error]
    return [found for found in new if found.item in values or (found.code, found.item) not in old]


def because_of(
    before: Mapping[str, str], values: Mapping[str, str], found: Problem, context: Context
) -> tuple[str, ...]:
    """Which of the new values bring this problem at another item: those without any one of which it would not be there.
    Empty when the item's own new value is to blame."""

    def is_there(new: Mapping[str, str]) -> bool:
        problems = check_record({**before, **new}, context)
        return any((one.code, one.item) == (found.code, found.item) for one in problems)

    own = {item: value for item, value in values.items() if item == found.item}
    if not is_there(values) or (own and is_there(own)):
        return ()
    others = [item for item in values if item != found.item]
    return tuple(item for item in others if not is_there({k: v for k, v in values.items() if k != item}))


def own_errors_of(before: Mapping[str, str], item: str, value: str, context: Context) -> list[Problem]:
    """Those of `errors_of` that lie at the item itself. What it does to another item is told there: two items that
    belong together (a number and its birth date) are corrected one after the other."""
    return [found for found in errors_of(before, item, value, context) if found.item == item]


def in_record(said: Mapping[str, Any]) -> str | None:
    """The value with which a change stands in the record, None when none of its own does. `put`: it was entered from a
    paper that has been replaced since."""
    value = said["entered"] if said["entered"] is not None else said.get("put")
    return None if value is None else str(value)


def entered(said: Mapping[str, Any], value: str, known: str) -> dict[str, Any]:
    """What is said of a change once a value is entered; `known` is what the record had until then."""
    first = in_record(said) is None and known != said["printed"]
    return {**said, "entered": value} | ({"before": known} if first else {})


def taken_back(said: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(the value that stood in the record before the change, what is said of the change without its own value)."""
    kept = {name: value for name, value in said.items() if name not in ("before", "put")}
    return said.get("before", said["printed"]), kept | {"entered": None}


def is_told(said: Mapping[str, Any]) -> bool:
    """True for the values of a change about which the family said something on the screen: typed, or not known."""
    return said.get("typed") is not None or bool(said.get("asked"))
