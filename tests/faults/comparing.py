"""What is kept against what was acknowledged: by the product's own services, in an application beside the server."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from portal.files import BlobMissing
from portal.keys import Tampered
from portal.models import Photo, db, set_writing
from portal.services import photos
from tests.faults.phones import Sent
from tests.faults.world import World, close


@dataclass
class Kept:
    """`lost`: acknowledged without row, without file or with other bytes; `bare`: rows whose file is missing or broken;
    `orphans`: files no row names (a sender that was cut off); `temporary`: half-written files."""

    acknowledged: int = 0
    rows: int = 0
    lost: list[str] = field(default_factory=list)
    bare: list[str] = field(default_factory=list)
    orphans: int = 0
    temporary: int = 0

    @property
    def whole(self) -> bool:
        """Nothing acknowledged is lost, and no row is without its file."""
        return not self.lost and not self.bare

    def told(self) -> dict[str, int]:
        """As numbers for the report."""
        lost, bare = len(self.lost), len(self.bare)
        return {
            "acknowledged": self.acknowledged,
            "rows": self.rows,
            "lost": lost,
            "bare": bare,
            "orphans": self.orphans,
        }


def compare(world: World, sent: Iterable[Sent], seen: dict[str, str] | None = None) -> Kept:
    """Open every file of every row and look every receipt up. What stands in `seen` (receipt -> SHA-256) was opened
    before and is only looked for; what is opened now is added."""
    app = world.application()
    kept = Kept()
    with app.app_context():
        set_writing(False)
        found = _rows(kept, {} if seen is None else seen)
        for one in sent:
            kept.acknowledged += 1
            if found.get(one.receipt) != one.digest:
                kept.lost.append(one.receipt)
        addresses = set(db.session.scalars(select(Photo.address)))
        kept.orphans = sum(blob.address not in addresses for blob in photos.store().walk())
        close(app)
        set_writing(True)
    if world.settings.storage_url.startswith("file:"):
        kept.temporary = len(os.listdir(world.uploads / ".incoming"))
    return kept


def _rows(kept: Kept, seen: dict[str, str]) -> dict[str, str]:
    """Receipt -> SHA-256 of what its file holds."""
    found = {}
    for row in db.session.execute(select(Photo.receipt, Photo.address, Photo.school_id, Photo.round_id)):
        kept.rows += 1
        if row.receipt in seen and photos.store().exists(row.address):
            found[row.receipt] = seen[row.receipt]
            continue
        try:
            data = photos.content_of(row.address, row.school_id, row.round_id)
        except (BlobMissing, Tampered, EOFError):
            kept.bare.append(row.receipt)
            continue
        seen[row.receipt] = found[row.receipt] = hashlib.sha256(data).hexdigest()
    return found
