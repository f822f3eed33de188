"""What a new value of one item would break, and where screen and paper of a family do not agree about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.rules.checks import check_item, check_record
from portal.rules.context import Context
from portal.rules.problems import Problem
from portal.rules.words import N_


def errors_of(before: Mapping[str, str], item: str, value: str, context: Context) -> list[Problem]:
    """The errors that this value would bring: of the item itself, else new ones across the items of the record."""
    own = [found for found in check_item(item, value, context) if found.is_error]
    if own:
        return own
    old = {(found.code, found.item) for found in check_record(before, context)}
    new = [found for found in check_record({**before, item: value}, context) if found.is_error]
    return [found for found in new if (found.code, found.item) not in old]


def own_errors_of(before: Mapping[str, str], item: str, value: str, context: Context) -> list[Problem]:
    """Those of `errors_of` that lie at the item itself. What it does to another item is told there: two items that
    belong together (a number and its birth date) are corrected one after the other."""
    return [found for found in errors_of(before, item, value, context) if found.item == item]


def is_told(said: Mapping[str, Any]) -> bool:
    """True for the values of a change about which the family said something on the screen: typed, or not known."""
    return said.get("typed") is not None or bool(said.get("asked"))


@dataclass(frozen=True, slots=True)
class Told:
    """What a family said about one item on the screen and on the paper.

    `typed` and `ticked` are stored values or None, `asked`: the school is to fill it in, `inked`: the box on the paper
    has writing, `confirmed`: on the screen the group was said to be right, `paper`: a paper is there to compare.
    """

    typed: str | None = None
    asked: bool = False
    ticked: str | None = None
    inked: bool = False
    confirmed: bool = False
    paper: bool = True


def disagreement(told: Told) -> str | None:
    """A sentence (message id) when screen and paper differ about an item, else None. The signed paper counts."""
    if not told.paper:
        return None
    if told.typed is not None and not told.inked:
        return N_("家长在手机上填了，纸上没有写。以签字的纸为准，先问一问家长。")
    if told.typed is not None and told.ticked is not None and told.ticked != told.typed:
        return N_("纸上勾的和手机上填的不一样。以签字的纸为准，拿不准先问一问家长。")
    if told.typed is None and told.inked and told.confirmed and not told.asked:
        return N_("纸上写了，手机上家长说没有错。照纸上的录，拿不准先问一问家长。")
    return None
