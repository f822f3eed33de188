"""What a family typed beside what is written on its paper: the facts of a sheet for `rules.screen_paper`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from portal.models import Change, GroupCheck, Photo, Sheet, db
from portal.paper.form_rows import SAME_AS_PRESENT
from portal.rules.check_groups import group_of
from portal.rules.corrections import is_told
from portal.rules.items import ITEMS
from portal.rules.screen_paper import NOTHING, Comparison, Differs, Told, compare

Said = Mapping[str, Mapping[str, Any]]


def read_paper(sheet: Sheet) -> Photo | None:
    """The photo that speaks for the sheet, if it was read whole; what is hidden on it cannot be called empty."""
    photo = db.session.get(Photo, sheet.photo_id) if sheet.photo_id else None
    if photo is None or not sheet.readable or photo.reading is None or photo.reading.verdict != "readable":
        return None
    return photo


def compared(sheet: Sheet, changes: Mapping[str, Change] | None = None, said: Said | None = None) -> Comparison:
    """Where screen and paper of a sheet disagree; nothing while there is no paper that was read whole.

    `changes` and `said` are the sheet's changes and their values by item, where the caller has them open already.
    """
    photo = read_paper(sheet)
    if photo is None:
        return NOTHING
    assert photo.reading is not None
    if changes is None:
        changes = {change.item: change for change in sheet.changes}
    if said is None:
        said = {item: change.values for item, change in changes.items()}
    seen = photo.reading.seen
    return compare(_told(sheet, photo, (changes, said), seen["written"]), seen["signed"])


def _told(
    sheet: Sheet, photo: Photo, typed: tuple[Mapping[str, Change], Said], written: Mapping[str, Mapping[str, Any]]
) -> dict[str, Told]:
    changes, said = typed
    confirmed = set(db.session.scalars(select(GroupCheck.group).where(GroupCheck.sheet_id == sheet.id)))
    begun = {_group(item) for item, values in said.items() if is_told(values)}
    if not begun and not confirmed:
        return {}  # nobody has said anything on a screen
    addresses = _addresses(sheet, said)
    found = {}
    for item in (code for code in ITEMS if code in said or code in written):
        values, box, group = said.get(item, {}), written.get(item, {}), _group(item)
        by_hand = item in changes and changes[item].source == "hand"
        found[item] = Told(
            typed=values.get("typed"),
            asked=bool(values.get("asked")),
            box="written" if by_hand else box.get("state", "empty"),
            ticks=tuple(_meant(item, tick, values, addresses) for tick in box.get("ticked", ())),
            has_squares=ITEMS[item].type == "yes_no" and not by_hand,
            begun=group in begun,
            confirmed=group in confirmed,
            left=_left(values, photo),
        )
    return found


def _group(item: str) -> str:
    group = group_of(item)
    return group.code if group else ""


def _addresses(sheet: Sheet, said: Said) -> tuple[str, ...]:
    """The present address as it was printed and as the family wants it: both are "the same" for a tick."""
    printed = sheet.pupil.record.get("current_address", "")
    typed = said.get("current_address", {}).get("typed")
    return (printed,) if typed is None else (printed, typed)


def _meant(item: str, tick: str, values: Mapping[str, Any], addresses: tuple[str, ...]) -> str:
    """The stored value that one tick means."""
    if tick != "same" or item not in SAME_AS_PRESENT:
        return tick
    return values["typed"] if values.get("typed") in addresses else addresses[-1]


def _left(values: Mapping[str, Any], photo: Photo) -> str:
    how, _, photo_hex = str(values.get("left") or "").partition(":")
    return how if photo_hex == photo.id.hex else ""


def mark_of(how: Differs, sheet: Sheet) -> str:
    """What is kept with a change that the family leaves to the paper: it holds for this photo and no other."""
    assert sheet.photo_id is not None, "there is a paper to compare with"
    return f"{how.value}:{sheet.photo_id.hex}"
