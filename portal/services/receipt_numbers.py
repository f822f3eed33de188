"""How a receipt is made: four symbols of the sheet, three of the photo, one check symbol (decision 2026-11-22).

The sheet's four are the same on every receipt of this sheet, so a class teacher who has them on paper can tell without
network whose a receipt is and that it was not made up.
"""

from __future__ import annotations

from itertools import count
from uuid import UUID

from sqlalchemy import select

from portal.models import Photo, db, keyring
from portal.rules.numbers import receipt_text, receipt_word


def word_of(thing_id: UUID) -> str:
    """The first four symbols of every receipt of a sheet, or of a pile whose photos had no sheet yet."""
    return receipt_word(keyring().blind("receipt.word", thing_id.hex))


def free_receipt(thing_id: UUID, address: str) -> str:
    """A receipt no other photo has, for bytes sent for a sheet or pile: among millions two do begin alike."""
    word, of = word_of(thing_id), f"{thing_id.hex}|{address}"
    for n in count():
        text = receipt_text(word, keyring().blind("receipt", f"{of}|{n}" if n else of))
        if db.session.scalar(select(Photo.id).where(Photo.receipt == text)) is None:
            return text
    raise AssertionError
