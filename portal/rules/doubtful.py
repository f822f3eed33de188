"""Items a family is asked to look at first: the same on paper, where they have a mark, and on screen (sheet.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from portal.rules.checks import check_all
from portal.rules.context import Context
from portal.rules.items import PARENT_ITEMS
from portal.rules.problems import Problem, problem

#: how long an address prints well is the school's worry, not the family's
_FOR_THE_SCHOOL = frozenset({"R59"})
_PRINTED = frozenset(PARENT_ITEMS)
#: what became of a change that makes its item disputed in the next round
DISPUTED = ("accepted", "refused", "applied_for", "unclear")


def doubts(values: Mapping[str, str], context: Context, disputed: Collection[str] = ()) -> list[Problem]:
    """What is doubtful about the items of page 1, in the order of the items: what the rules find, and of `disputed`
    that they were changed or refused in the round before."""
    found = [one for one in check_all(values, context) if one.item in _PRINTED]
    found += [problem("T9", item) for item in PARENT_ITEMS if item in disputed]
    return sorted(found, key=lambda one: PARENT_ITEMS.index(one.item or ""))


def for_family(found: Collection[Problem]) -> dict[str, list[Problem]]:
    """Those of `doubts` that a family can settle, by item."""
    by_item: dict[str, list[Problem]] = {}
    for one in found:
        if one.item and one.code not in _FOR_THE_SCHOOL:
            by_item.setdefault(one.item, []).append(one)
    return by_item


def marked(values: Mapping[str, str], context: Context, disputed: Collection[str] = ()) -> frozenset[str]:
    """The items that get a "please check" mark on the paper and come first on the screen."""
    return frozenset(for_family(doubts(values, context, disputed)))
