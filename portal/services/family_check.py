"""What a claimed family sees of its child's record while checking it group by group, and whether it may change it.

What is typed here is a help for the school: the signed paper stays the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Evidence, GroupCheck, Place, Sheet, db
from portal.rules import check_groups, doubtful
from portal.rules.check_groups import CheckGroup
from portal.rules.clock import today
from portal.rules.evidence import documents_for
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.problems import Problem
from portal.rules.roles import Actor
from portal.rules.screen_paper import Comparison, Differs
from portal.rules.words import N_
from portal.rules.workflow import SheetState
from portal.services import disputes, guardians, pupils, screen_paper
from portal.services.refusals import NotFound
from portal.services.strips import Support

_OPEN = frozenset({SheetState.ISSUED, SheetState.RECEIVED})


@dataclass(frozen=True)
class Row:
    """One item: `stored` is on record (of a changed one: was printed), `now` what the family says, both stored texts.

    `version` is that of the change, 0 without one; `documents` are the kinds any one of which is needed,
    `has_document` when one of them is there; `differs`: how the paper that has come says otherwise.
    """

    item: Item
    stored: str
    now: str
    changed: bool = False
    asked: bool = False
    by_you: bool = True
    version: int = 0
    doubts: tuple[Problem, ...] = ()
    documents: tuple[str, ...] = ()
    has_document: bool = False
    differs: Differs | None = None


@dataclass(frozen=True)
class Screen:
    """One group on the screen. `closed`: why nothing can be changed now (message id); `saved_at` of the whole check."""

    child_id: UUID
    name: str
    group: CheckGroup
    rows: tuple[Row, ...]
    confirmed: frozenset[str]
    closed: str | None
    saved_at: datetime | None

    @property
    def position(self) -> int:
        return check_groups.position(self.group.code)

    @property
    def total(self) -> int:
        return len(check_groups.GROUPS)

    @property
    def previous(self) -> CheckGroup | None:
        before = self.position - 2
        return check_groups.GROUPS[before] if before >= 0 else None


class Known:
    """A sheet with everything the check asks about it; `values` is the record as the family wants it."""

    def __init__(self, sheet: Sheet, user_id: UUID | None) -> None:
        self.sheet, self.user_id = sheet, user_id
        self.record: dict[str, str] = sheet.pupil.record
        self.context = pupils.context_of(sheet.pupil)
        query = select(Change).where(Change.sheet_id == sheet.id).execution_options(populate_existing=True)
        self.changes = {change.item: change for change in db.session.scalars(query)}
        self.said: dict[str, dict[str, Any]] = {item: change.values for item, change in self.changes.items()}

    @property
    def values(self) -> dict[str, str]:
        typed = {item: said["typed"] for item, said in self.said.items() if said.get("typed") is not None}
        return self.record | typed

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of documents whose photos are there."""
        query = select(Evidence.kind).where(Evidence.sheet_id == self.sheet.id, Evidence.removed_at.is_(None))
        return frozenset(db.session.scalars(query))

    @cached_property
    def compared(self) -> Comparison:
        """Where the paper that has come says otherwise."""
        return screen_paper.compared(self.sheet, self.changes, self.said)

    @cached_property
    def doubts(self) -> dict[str, list[Problem]]:
        """What is doubtful in the record as it will be, by item; a dispute is settled by what the family has typed."""
        settled = {item for item, said in self.said.items() if said.get("typed") is not None}
        return doubtful.for_family(doubtful.doubts(self.values, self.context, self.disputed - settled))

    @cached_property
    def disputed(self) -> frozenset[str]:
        """What was disputed in the round before."""
        return disputes.of_sheet(self.sheet)

    def row(self, code: str) -> Row:
        change, said = self.changes.get(code), self.said.get(code, {})
        typed, stored = said.get("typed"), self.record.get(code, "")
        needed = documents_for(code, self.values) if typed is not None else ()
        return Row(
            item=ITEMS[code],
            stored=stored if typed is None else said["printed"],
            now=stored if typed is None else typed,
            changed=typed is not None,
            asked=bool(said.get("asked")),
            by_you=said.get("typed_by") == (self.user_id.hex if self.user_id else None),
            version=change.version if change else 0,
            doubts=tuple(self.doubts.get(code, ())),
            documents=needed,
            has_document=bool(self.kinds & set(needed)),
            differs=self.compared.differs.get(code),
        )

    def ordered(self, one: CheckGroup) -> tuple[Row, ...]:
        """The rows of a group; those marked on the paper come first and stay there when they are put right."""
        first = doubtful.marked(self.record, self.context, self.disputed)
        return tuple(self.row(code) for code in check_groups.in_order(one, first))

    def confirmed(self) -> dict[str, datetime]:
        """Confirmed group -> when."""
        query = select(GroupCheck.group, GroupCheck.at).where(GroupCheck.sheet_id == self.sheet.id)
        return {code: at for code, at in db.session.execute(query)}

    def saved_at(self) -> datetime | None:
        """When anything was last saved."""
        typed = [datetime.fromisoformat(said["typed_at"]) for said in self.said.values() if said.get("typed_at")]
        return max([*typed, *self.confirmed().values()], default=None)


def known(actor: Actor, child_id: UUID, lock: bool = False) -> Known:
    """The sheet of an own child in the present round; raises `NotFound`. `lock` holds it until the commit."""
    return Known(guardians.sheet_of(actor, child_id, lock), actor.user_id)


def closed_of(sheet: Sheet) -> str | None:
    """Why the record cannot be checked or changed on the screen now (message id), or None while it can: from hand-out
    to the end of the round, until the class teacher has looked the paper through."""
    if not sheet.in_scope:
        return N_("孩子这一轮不用核对。有疑问请找班主任。")
    if not sheet.issued:
        return N_("学校还没有把表发下来。发下来以后再核对。")
    if today() > sheet.round.ends:
        return N_("这一轮核查已经结束，现在只能看。有事请找班主任。")
    if sheet.state not in _OPEN:
        return N_("班主任已经看过签好字的表，现在只能看。还要改，请找班主任把表退回来。")
    return None


def group_named(code: str) -> CheckGroup:
    """The group of an address; raises `NotFound`."""
    found = check_groups.group(code)
    if found is None:
        raise NotFound
    return found


def screen(actor: Actor, child_id: UUID, code: str) -> Screen:
    """One group of an own child; raises `NotFound`."""
    one, found = group_named(code), known(actor, child_id)
    return Screen(
        child_id=child_id,
        name=mask_name(found.record["name"]),
        group=one,
        rows=found.ordered(one),
        confirmed=frozenset(found.confirmed()),
        closed=closed_of(found.sheet),
        saved_at=found.saved_at(),
    )


def next_group(actor: Actor, child_id: UUID) -> str | None:
    """The code of the first group that has not been confirmed, or None when all have."""
    one = check_groups.first_open(known(actor, child_id).confirmed())
    return one.code if one else None


def support_of(actor: Actor, child_id: UUID) -> Support:
    """The school of an own child, which helps."""
    school = db.session.get_one(Place, guardians.own(actor, child_id).school_id)
    return Support(school.name, school.phone)
