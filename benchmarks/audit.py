"""How fast the history is sealed and verified: `python -m benchmarks.audit [--steps N] [--write] [--json]`.

A fresh SQLite database with N steps (1,000,000 unless told), as acts write them, is sealed as the worker does it and
verified as `portal audit verify` does, with an anchor every ten thousand steps. Seconds of the clock and of the
processor (on a machine that is busy otherwise the second tells more), and the memory the verification held in MB.
`--write` puts the table into docs/security.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

_PIECE = 10_000
_MOVES = ("STORE_PHOTO", "READ_PHOTO", "CHECK", "SIGN_IN", "CHANGE_ACCEPTED")


def _steps(count: int, place_id: UUID, path: str) -> list[dict[str, Any]]:
    """Rows as `history.record` makes them, details and request included."""
    from portal.rules.clock import now

    begun = now() - timedelta(days=30)
    return [
        {
            "id": uuid4(),
            "at": begun + timedelta(milliseconds=n),
            "role": "TEACHER",
            "place_id": place_id,
            "path": f"{path}2020106/",
            "thing": "photo",
            "thing_id": uuid4(),
            "move": _MOVES[n % len(_MOVES)],
            "before": "received",
            "after": "checked",
            "details": {"source": "family", "size": 200_000 + n},
            "request": f"{n:016x}",
            "origin": "0123456789abcdef",
        }
        for n in range(count)
    ]


def _timed(what: Any) -> tuple[float, float, Any]:
    clock, processor = time.perf_counter(), time.process_time()
    found = what()
    return time.perf_counter() - clock, time.process_time() - processor, found


def _sealed(key: bytes) -> int:
    """Seal everything in pieces of ten thousand, with an anchor after each."""
    from portal.models import db
    from portal.services import audit_anchors, audit_chain

    count = 0
    while True:
        with db.engine.begin() as connection:
            found = audit_chain.seal_next(connection, key, _PIECE)
        if not found:
            return count
        count += found
        audit_anchors.make()


def _fill(steps: int) -> None:
    """A place and its steps, not yet sealed."""
    from sqlalchemy import insert

    from portal.models import Place, Step, db
    from portal.rules.roles import Level

    place = Place(level=Level.PROVINCE, code="990000", name="990000", path="990000/")
    db.session.add(place)
    db.session.commit()
    place_id, path = place.id, place.path
    db.session.remove()
    for at in range(0, steps, _PIECE):
        with db.engine.begin() as connection:
            connection.execute(insert(Step), _steps(min(_PIECE, steps - at), place_id, path))


def measure(steps: int) -> dict[str, Any]:
    """The figures, in a folder that is thrown away."""
    from portal import create_app
    from portal.models import db, keyring
    from portal.models.schema import upgrade
    from portal.services import audit_verifying
    from portal.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(var=folder, storage_url=f"file://{folder}/uploads", trial=True))
        with app.app_context():
            with db.engine.begin() as connection:
                upgrade(connection)
            _fill(steps)
            sealing = _timed(lambda: _sealed(keyring().derive("audit")))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            verifying = _timed(audit_verifying.verify)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        app.extensions["portal.readers"].close()
    verdict = verifying[2]
    assert (verdict.answer, verdict.last) == (0, steps), verdict
    return {
        "steps": steps,
        "anchors": verdict.matched,
        "seal_s": round(sealing[0], 2),
        "seal_cpu_s": round(sealing[1], 2),
        "verify_s": round(verifying[0], 2),
        "verify_cpu_s": round(verifying[1], 2),
        "verify_per_s": round(steps / verifying[0]),
        "grown_mb": round(grown / 1024),
    }


def table(found: dict[str, Any]) -> str:
    """As it stands in docs/security.md."""
    rows = [
        ("steps sealed, anchors", f"{found['steps']:,}, {found['anchors']:,}"),
        ("sealed in", f"{found['seal_s']} s ({found['seal_cpu_s']} s of the processor)"),
        ("verified in", f"{found['verify_s']} s ({found['verify_cpu_s']} s of the processor)"),
        ("verified a second", f"{found['verify_per_s']:,}"),
        ("memory grown while verifying", f"{found['grown_mb']} MB"),
    ]
    return "\n".join(["| what | figure |", "| --- | --- |", *(f"| {what} | {figure} |" for what, figure in rows)])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="into docs/security.md")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.steps)
    if args.write:
        from scripts import measured

        measured.write("audit", table(found))
    print(json.dumps(found) if args.json else table(found))


if __name__ == "__main__":
    main()
