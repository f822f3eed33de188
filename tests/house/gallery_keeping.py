"""More of the gallery's world: finished rounds, one of them destroyed, the nightly look and a backup."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from portal.jobs.queue import utc_now
from portal.jobs.table import job
from portal.keys import random_id
from portal.models import Round, Sheet, db
from portal.rules.clock import now, today
from portal.rules.workflow import SheetState
from tests.house.gallery_world import World

LOOK = {"files": 18_204, "opened": 2_600, "values": 91_000, "faults": 0, "strangers": 3, "removed": 3}


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    province = world.make.province()
    destroyed = {"shredded_at": (now() - timedelta(days=20)).isoformat()}
    for back in (2, 3, 4):
        ends = today() - timedelta(days=365 * (back - 1) - 60)
        round_ = Round(
            province_id=province.id, path=province.path, title=f"{today().year - back} 年秋季核查", year=ends.year,
            cut_off=ends - timedelta(days=60), begins=ends - timedelta(days=50), ends=ends,
            settings=destroyed if back == 4 else {},
        )  # fmt: skip
        db.session.add(round_)
        db.session.flush()
        if back == 2:
            pupil = world.make.pupil()
            own = {"school_id": pupil.school_id, "class_id": pupil.class_id, "path": pupil.path}
            db.session.add(Sheet(round_id=round_.id, pupil_id=pupil.id, state=SheetState.ENTERED, **own))
    for kind, result in (("verify", LOOK), ("backup", None)):
        db.session.execute(insert(job).values(**_done(kind, result)))
    db.session.commit()


def _done(kind: str, result: dict[str, Any] | None) -> dict[str, Any]:
    moment = utc_now() - timedelta(hours=6)
    return {"id": random_id().hex, "kind": kind, "arguments": {}, "place_path": "", "state": "done", "progress": 0,
            "progress_of": 0, "note": "", "error": "", "created_at": moment, "started_at": moment, "attempts": 1,
            "finished_at": moment, "lease_until": moment, "result": result}  # fmt: skip


def screens(screen: Callable[..., None]) -> None:
    """The rows of the table of screens."""
    screen("staff.manage_keeping", "province")
