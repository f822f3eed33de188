"""Accepting together what a family typed on its screen and also wrote on its signed paper: items of little risk only.

The machine knows that something is written in the box, and which square is ticked; that what is written is what was
typed a person sees in the picture. So a class is accepted from a list of exactly what is accepted, each row as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.models import Change, Sheet, db
from portal.rules.codes import printed
from portal.rules.items import ITEMS, Item
from portal.rules.masks import mask_name
from portal.rules.places import is_below
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import column_claims, column_entry, entry, lists, place_settings, screen_paper
from portal.services.refusals import Refusal, TooLate

#: why a row was left out
CHANGED = N_("后来有了变化")
NOT_BY_THE_RULES = N_("不合填写标准")


@dataclass(frozen=True)
class Typed:
    """One row of the list: what was registered and what the family typed, in words; `ticked`: on the paper too."""

    change_id: UUID
    version: int
    seat: str
    name: str
    item: Item
    was: str
    wanted: str
    ticked: bool
    has_crop: bool


@dataclass(frozen=True)
class Outcome:
    """What became of rows accepted together: how many are accepted, and the others with the reason (message id)."""

    accepted: int
    left_out: tuple[tuple[Typed, str], ...] = ()


def agreeing(actor: Actor, class_id: UUID, lang: str = "zh") -> list[Typed]:
    """The rows of a class that can be accepted together, by item and number.

    They are open, nobody else has them before them, the paper was read whole and has writing in the box, where squares
    are ticked they say what was typed, and the value keeps the rules. Clearing an item is never among them.
    """
    column_entry.class_chosen(actor, class_id)
    items = place_settings.low_risk_items(actor.path)
    query = select(Change).join(Sheet, Sheet.id == Change.sheet_id).options(*column_entry.WHOLE)
    query = query.where(*entry.to_enter(actor), Sheet.class_id == class_id)
    query = query.where(Change.item.in_(items), Change.outcome == "open")
    found = [change for change in db.session.scalars(query) if _agrees(actor, change)]
    order = {code: n for n, code in enumerate(ITEMS)}
    found.sort(key=lambda change: (order[change.item], lists.seat_order(change.sheet.pupil.record)))
    return [_typed(change, lang) for change in found]


def _agrees(actor: Actor, change: Change) -> bool:
    typed = change.values.get("typed")
    if not typed or column_claims.holder(actor, change) is not None:
        return False
    against = screen_paper.compared(change.sheet)
    if not against.paper or change.item in against.differs:
        return False
    return not entry.problems_of(change.sheet.pupil, change.item, typed)


def _typed(change: Change, lang: str) -> Typed:
    values, record = change.values, change.sheet.pupil.record
    return Typed(
        change_id=change.id,
        version=change.version,
        seat=record.get("class_seat_number", ""),
        name=mask_name(record["name"]),
        item=ITEMS[change.item],
        was=printed(change.item, values["printed"], lang),
        wanted=printed(change.item, values["typed"], lang),
        ticked=values.get("ticked") is not None,
        has_crop=change.crop_address is not None,
    )


def accept(actor: Actor, versions: Mapping[UUID, int], lang: str = "zh") -> Outcome:
    """Accept rows, each as it was on the screen (`versions`) and in a transaction of its own. Commits.

    What changed meanwhile, or may not be accepted this way (any more), is left out and named. Raises `Refusal` for an
    empty list; a row outside the place does not exist.
    """
    if not versions:
        raise Refusal(N_("没有要采纳的。"))
    accepted, left_out = 0, []
    for change_id, version in versions.items():
        shown, why = _accept(actor, change_id, version, lang)
        accepted += why is None
        if shown is not None and why is not None:
            left_out.append((shown, why))
    return Outcome(accepted, tuple(left_out))


def _accept(actor: Actor, change_id: UUID, version: int, lang: str) -> tuple[Typed | None, str | None]:
    """The row, and why it was not accepted; a row that is gone meanwhile has no words."""
    change = db.session.get(Change, change_id)
    typed = change.values.get("typed") if change is not None and is_below(change.path, actor.path) else None
    if change is None or typed is None:
        return None, CHANGED
    shown = _typed(change, lang)
    same = change.version == version and change.outcome == "open"
    if not same or change.item not in place_settings.low_risk_items(actor.path) or not _agrees(actor, change):
        return shown, CHANGED
    try:
        entry.enter_value(actor, change_id, typed, version)
    except Refusal as refusal:
        db.session.rollback()
        return shown, CHANGED if refusal.status == TooLate.status else NOT_BY_THE_RULES
    return shown, None
