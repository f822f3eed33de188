"""Screen against paper: what a family typed compared item by item with the ink on its signed sheet (sheet.md, Reading).

Neither source overwrites the other. The signed paper counts; a disagreement is told, to the family first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from portal.rules.words import N_

BoxState = Literal["empty", "unsure", "written"]


class Differs(StrEnum):
    """How screen and paper disagree about one item."""

    NOT_WRITTEN = "not_written"
    OTHER_TICK = "other_tick"
    UNCLEAR = "unclear"
    SAID_RIGHT = "said_right"
    NOT_TYPED = "not_typed"

    @property
    def for_family(self) -> str:
        """What the family reads about the item (message id)."""
        return _FOR_FAMILY[self]

    @property
    def for_school(self) -> str | None:
        """What teacher and registrar read (message id); None where nothing is in doubt for them."""
        return _FOR_SCHOOL.get(self)

    @property
    def needs_paper(self) -> bool:
        """True where only the paper can put it right: write it there and photograph it again."""
        return self in (Differs.NOT_WRITTEN, Differs.OTHER_TICK, Differs.UNCLEAR)


_FOR_FAMILY = {
    Differs.NOT_WRITTEN: N_("手机上填了，纸上没有写"),
    Differs.OTHER_TICK: N_("手机上选的和纸上勾的不一样"),
    Differs.UNCLEAR: N_("手机上填了，纸上这一格看不准"),
    Differs.SAID_RIGHT: N_("纸上写了，手机上说没有错"),
    Differs.NOT_TYPED: N_("纸上写了，手机上没有填"),
}
_FOR_SCHOOL = {
    Differs.NOT_WRITTEN: N_("家长在手机上填了，纸上没有写。以签字的纸为准，先问一问家长。"),
    Differs.OTHER_TICK: N_("纸上勾的和手机上填的不一样。以签字的纸为准，拿不准先问一问家长。"),
    Differs.UNCLEAR: N_("家长在手机上填了，纸上这一格机器看不准。请看一眼纸表。"),
    Differs.SAID_RIGHT: N_("纸上写了，手机上家长说没有错。照纸上的录，拿不准先问一问家长。"),
}
#: in place of the question to the family where it has answered already
LEFT_TO_PAPER = N_("手机上填的和纸上不一样，家长看过了，说以纸为准。照纸上的办。")


@dataclass(frozen=True, slots=True)
class Told:
    """What a family said about one item on the screen and on the paper.

    `typed` is a stored value or None, `asked`: the school is to fill it in. `box` is the change box on the paper,
    `ticks` the stored values of the squares ticked in it, `has_squares`: it is answered by ticking. `begun`: something
    was typed in the item's group, `confirmed`: the group was said to be right. `left` is the kind of disagreement that
    the family has seen on this paper and leaves to it, or empty.
    """

    typed: str | None = None
    asked: bool = False
    box: BoxState = "empty"
    ticks: tuple[str, ...] = ()
    has_squares: bool = False
    begun: bool = False
    confirmed: bool = False
    left: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What does not agree, by item in the order given; `left` are those the family leaves to the paper.

    `signed` is None when it could not be seen for sure; without a paper to compare everything is empty.
    """

    differs: Mapping[str, Differs] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    signed: bool | None = None
    paper: bool = False

    @property
    def open(self) -> dict[str, Differs]:
        """What nobody has decided about."""
        return {item: how for item, how in self.differs.items() if item not in self.left}

    def sentence(self, item: str) -> str | None:
        """What teacher and registrar read about an item (message id), or None."""
        how = self.differs.get(item)
        if how is None:
            return None
        return LEFT_TO_PAPER if item in self.left and how.needs_paper else how.for_school


NOTHING = Comparison()


def differs(told: Told) -> Differs | None:
    """How screen and paper disagree about one item, or None."""
    if told.typed is not None:
        return _typed(told)
    if told.box != "written" or told.asked:
        return None
    if told.confirmed:
        return Differs.SAID_RIGHT
    return Differs.NOT_TYPED if told.begun else None


def _typed(told: Told) -> Differs | None:
    if told.box == "empty":
        return Differs.NOT_WRITTEN
    if told.box == "unsure" or len(told.ticks) > 1 or (told.has_squares and not told.ticks):
        return Differs.UNCLEAR
    return Differs.OTHER_TICK if told.ticks and told.ticks[0] != told.typed else None


def compare(told: Mapping[str, Told], signed: bool | None) -> Comparison:
    """Every item of a sheet whose paper has come and was read whole."""
    found = {item: how for item, one in told.items() if (how := differs(one)) is not None}
    left = frozenset(item for item, how in found.items() if told[item].left == how.value)
    return Comparison(found, left, signed, paper=True)
