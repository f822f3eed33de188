"""After the check: what to write on the paper, exactly so, and which step follows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from portal.paper.form_rows import SAME_AS_PRESENT, numbers
from portal.rules import check_groups
from portal.rules.check_groups import CheckGroup
from portal.rules.codes import printed
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services.family_check import Row, closed_of, known

#: what the paper wants in place of a value, and how it is said
NOTHING, CLEARED = "无", N_("写这个字，就是把印好的内容去掉")
SAME, TICK = "同现住址", N_("在框里打勾")


@dataclass(frozen=True)
class ToWrite:
    """One item for the paper: its running number there, the Chinese text to write as it is, and how where it is not
    simply written (message id)."""

    row: Row
    number: int
    text: str
    how: str | None = None

    @property
    def item(self) -> Item:
        return self.row.item


@dataclass(frozen=True)
class Summary:
    """The end of a check. `open` are groups nobody has confirmed, `asked` items the school fills in."""

    child_id: UUID
    name: str
    groups: tuple[tuple[CheckGroup, bool], ...]
    to_write: tuple[ToWrite, ...]
    asked: tuple[Item, ...]
    closed: str | None

    @property
    def open(self) -> tuple[CheckGroup, ...]:
        return tuple(one for one, done in self.groups if not done)

    @property
    def missing(self) -> tuple[ToWrite, ...]:
        """Changes whose document has not been photographed."""
        return tuple(line for line in self.to_write if line.row.documents and not line.row.has_document)

    @property
    def not_on_paper(self) -> tuple[ToWrite, ...]:
        """Changes that the paper that has come does not show, or not so."""
        return tuple(line for line in self.to_write if line.row.differs and line.row.differs.needs_paper)


def summary(actor: Actor, child_id: UUID) -> Summary:
    """What the check of an own child came to; raises `NotFound`."""
    found = known(actor, child_id)
    confirmed = found.confirmed()
    told = [item for one in check_groups.GROUPS for item in one.items if item in found.changes]
    rows = [found.row(item) for item in told]
    present = found.values.get("current_address", "")
    return Summary(
        child_id=child_id,
        name=mask_name(found.record["name"]),
        groups=tuple((one, one.code in confirmed) for one in check_groups.GROUPS),
        to_write=tuple(_to_write(row, present) for row in rows if row.changed),
        asked=tuple(ITEMS[row.item.code] for row in rows if row.asked),
        closed=closed_of(found.sheet),
    )


def _to_write(row: Row, present_address: str) -> ToWrite:
    code, number = row.item.code, numbers()[row.item.code]
    if not row.now:
        return ToWrite(row, number, NOTHING, CLEARED)
    if code in SAME_AS_PRESENT and row.now == present_address:
        return ToWrite(row, number, SAME, TICK)
    return ToWrite(row, number, printed(code, row.now), TICK if row.item.type == "yes_no" else None)
