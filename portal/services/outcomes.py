"""What a photo turned out to be, and whose sheet it shows: one word per outcome (sheet.md, Outcomes).

A photo sent for a sheet can only be that sheet's. A photo of a pile finds its sheet by itself, but only inside the
place and round the pile was sent for; of anything beyond no more is kept beside the photo than the word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from portal.models import Leaf, Photo, Pile, Sheet, db
from portal.services import photos

if TYPE_CHECKING:
    from portal.paper.reading import Reading as Seen

#: the photo shows page 1 of its own sheet and so counts as received (R108)
COUNTS = frozenset({"matched", "retake"})
#: it shows a sheet its sender has no business with: neither page nor writing is kept beside the photo
FOREIGN = frozenset({"other_sheet", "other_class", "other_school", "earlier_round", "other_deployment"})


def expected_leaves(photo: Photo) -> list[int]:
    """The leaves of the sender's own child or class, of which three marks are enough (sheet.md, six marks)."""
    query = select(Leaf.number).join(Sheet, Leaf.sheet_id == Sheet.id)
    if photo.pile is None:
        query = query.where(Leaf.sheet_id == photo.sheet_id)
    elif photo.pile.class_id is None:
        return []
    else:
        query = query.where(Sheet.round_id == photo.round_id, Sheet.class_id == photo.pile.class_id)
    return list(db.session.scalars(query))


def told(photo: Photo, seen: Seen) -> tuple[str, Sheet | None]:
    """The outcome of a photo, and the sheet it is put to (none where it stays in its pile)."""
    if photo.pile is not None:
        return _of_pile(photo, photo.pile, seen)
    return _of_sheet(photo, seen), photo.sheet


def _of_sheet(photo: Photo, seen: Seen) -> str:
    plain = _plain(seen)
    if plain is not None:
        return plain
    leaf = photos.leaf_of(seen.leaf) if seen.leaf is not None else None
    if leaf is None:
        return "unusable" if seen.verdict == "retake" else "unknown"
    if leaf.sheet_id != photo.sheet_id and not seen.certain:
        return "unknown"  # three marks are a hint for the sender's own sheet, never proof of another child's
    if leaf.sheet_id != photo.sheet_id:
        return "earlier_round" if leaf.sheet.round_id != photo.round_id else "other_sheet"
    return "revoked" if leaf.revoked_at is not None else _of_own(seen)


def _of_pile(photo: Photo, pile: Pile, seen: Seen) -> tuple[str, Sheet | None]:
    plain = _plain(seen)
    if plain is not None:
        return plain, None
    leaf = photos.leaf_of(seen.leaf) if seen.leaf is not None else None
    nobody = "unknown" if seen.flat_jpeg else "unusable"
    if leaf is None or not seen.certain:
        return nobody, None
    sheet = leaf.sheet
    beyond = _beyond(pile, sheet)
    if beyond is not None or leaf.revoked_at is not None:
        return beyond or "revoked", None
    own = _of_own(seen)
    if own not in COUNTS:
        return own, None
    if not sheet.issued:
        return "not_issued", None
    again = select(Photo.id).where(Photo.sheet_id == sheet.id, Photo.address == photo.address)
    return ("duplicate", None) if db.session.scalar(again) else (own, sheet)


def _plain(seen: Seen) -> str | None:
    """What needs no leaf to be told."""
    for reason in ("two_sheets", "other_deployment", "not_a_sheet", "not_a_photo"):
        if reason in seen.reasons:
            return "unusable" if reason == "not_a_photo" else reason
    return None


def _beyond(pile: Pile, sheet: Sheet) -> str | None:
    """Why a sheet lies beyond a pile: another school or class than its sender's, another round."""
    if sheet.school_id != pile.school_id:
        return "other_school"
    if sheet.round_id != pile.round_id:
        return "earlier_round"
    return None if sheet.path.startswith(pile.path) else "other_class"


def _of_own(seen: Seen) -> str:
    if seen.page == 2:
        return "back_page"
    return "matched" if seen.verdict == "readable" else "retake"
