"""What the worker does: the handlers of all job kinds, figures folded every second, photos nobody has read yet,
decisions whose time to be undone is over, files of print runs that nobody needs; seals, anchors and the nightly looks
at the history and at what is stored."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from flask import Flask

from portal.jobs import Worker
from portal.models import db
from portal.services import (  # noqa: F401 - importing registers their job handlers
    audit_results,
    audit_sealing,
    decisions,
    export_building,
    export_files,
    figures,
    nightly,
    print_files,
    printing,
    readings,
    receipt_days,
    roster_jobs,
    scan_files,
    slowing,
    ticket_moves,
)


def make_worker(app: Flask) -> Worker:
    """A worker on the application's database; each handler gets a session of its own."""

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        with app.app_context():
            yield

    with app.app_context():
        engine = db.engine
    settings = app.extensions["portal.settings"]
    worker = Worker(engine, context=context)
    worker.every(1.0, figures.fold_all)
    worker.every(1.0, audit_sealing.seal_waiting, again=True)
    worker.every(30.0, audit_results.anchor_due)
    worker.every(600.0, audit_results.verifier())
    for _ in range(settings.readers + 1):  # one more than reading processes: they read while a reading is kept
        worker.every(1.0, readings.read_waiting, again=True)
    worker.every(2.0, decisions.carry_out_due)
    worker.every(60.0, ticket_moves.raise_due)
    worker.every(600.0, receipt_days.close_days)
    worker.every(600.0, print_files.sweep)
    worker.every(3600.0, slowing.forget_old)
    worker.every(600.0, nightly.ask)
    worker.every(600.0, export_files.sweep)
    return worker
