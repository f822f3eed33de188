"""What the province sees of what is kept: the nightly look, the last backup, and which rounds' data are destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.models import Photo, Round, db
from portal.rules.clock import today
from portal.rules.roles import Actor
from portal.services import backup_time, nightly, shredding
from portal.services.nightly import Look


@dataclass(frozen=True)
class Ended:
    """A round that is over: sheets that are not filed, photos that were sent, when its data were destroyed."""

    title: str
    ends: date
    open_sheets: int
    photos: int
    shredded_on: date | None


@dataclass(frozen=True)
class Keeping:
    """`late` when nobody has looked for two nights; `backed_up_at` is None where no backup was made by the command."""

    look: Look | None
    late: bool
    backed_up_at: datetime | None
    rounds: tuple[Ended, ...]


def seen_by(actor: Actor) -> Keeping:
    """What the registrar of a province sees; only rounds of the own place."""
    rounds = db.session.scalars(select(Round).where(Round.path == actor.path).order_by(Round.ends.desc()))
    look = nightly.last()
    ended = tuple(_ended(round_) for round_ in rounds if round_.ends < today())
    return Keeping(look, nightly.is_late(look), backup_time.last_done(), ended)


def _ended(round_: Round) -> Ended:
    count = select(func.count()).select_from(Photo).where(Photo.round_id == round_.id)
    photos = db.session.scalar(count) or 0
    return Ended(round_.title, round_.ends, shredding.open_sheets(round_), photos, shredding.shredded_on(round_))
