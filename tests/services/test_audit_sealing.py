"""Positions without gaps: many writers, sealers that are killed, two at once, commits that come late; and nothing is
ever changed or removed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DatabaseError

from portal.models import Step, db, guard_sqlite, keyring
from portal.rules.clock import now
from portal.services import audit_chain, audit_sealing
from portal.services.audit_verifying import Answer, verify
from portal.services.history import record
from tests.make import Make

KILLS, WRITERS, EACH = 50, 4, 30


def _write(app: Flask, place_id: object, count: int, pause: float) -> None:
    from portal.models import Place

    with app.app_context():
        place = db.session.get_one(Place, place_id)
        db.session.rollback()
        for n in range(count):
            record(None, place, "TRY", place.id, n=n)
            db.session.commit()
            time.sleep(pause)


def _seal_until_killed(address: str, key: bytes) -> None:
    """What a child does: seal without end, one step a transaction as often as many."""
    engine = create_engine(address)
    guard_sqlite(engine)
    while True:
        with engine.begin() as connection:
            found = audit_chain.seal_next(connection, key, random.choice((1, 3, 1000)))
        time.sleep(0 if found else 0.002)


def test_killed_sealers_leave_no_gap_and_no_double(app: Flask, make: Make) -> None:
    place_id, key, address = make.province().id, keyring().derive("audit"), app.config["SQLALCHEMY_DATABASE_URI"]
    db.session.remove()
    db.engine.dispose()
    writers = [threading.Thread(target=_write, args=[app, place_id, EACH, 0.01]) for _ in range(WRITERS)]
    children = []
    for n in range(KILLS):
        if (pid := os.fork()) == 0:
            try:
                _seal_until_killed(address, key)
            finally:
                os._exit(1)
        children.append(pid)
        if n == 0:
            for writer in writers:
                writer.start()
        time.sleep(random.uniform(0.005, 0.04))
        if len(children) == 2:  # two at once, one of them is killed
            one = children.pop(0)
            os.kill(one, signal.SIGKILL)
            os.waitpid(one, 0)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    for writer in writers:
        writer.join()
    audit_sealing.seal_all()
    positions = list(db.session.scalars(select(Step.position).order_by(Step.position)))
    assert positions == list(range(1, WRITERS * EACH + 1))
    db.session.rollback()
    assert verify().answer == Answer.OK


def test_of_two_sealers_one_works_and_a_late_commit_gets_a_later_position(app: Flask, make: Make) -> None:
    place = make.province()
    early, late = record(None, place, "LATE", place.id), record(None, place, "EARLY", place.id)
    early.at, late.at = now() - timedelta(hours=1), now()
    db.session.expunge(early)
    db.session.commit()
    ids, place_id = (early.id, late.id), place.id
    db.session.rollback()
    assert audit_sealing.seal_all() == 1
    db.session.add(
        Step(id=early.id, at=early.at, place_id=place_id, path="x/", thing="place", thing_id=place_id, move="LATE")
    )
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as one, db.engine.begin() as other:
            assert audit_chain.seal_next(one, b"k" * 32, 0) == 0
            assert audit_chain.seal_next(other, keyring().derive("audit")) == 0  # the first one holds the lock
            one.rollback()
    assert audit_sealing.seal_all() == 1
    assert [db.session.get_one(Step, one).position for one in ids] == [2, 1]


CHANGES = {
    "delete": "DELETE FROM step",
    "change": "UPDATE step SET move = 'NOTHING'",
    "seal anew": "UPDATE step SET seal = :seal",
    "move": "UPDATE step SET position = position + 100",
    "unseal": "UPDATE step SET position = NULL, seal = NULL",
    "reason": "UPDATE step SET reason_sealed = :seal",
    "replace": "INSERT OR REPLACE INTO step SELECT * FROM step",
}


@pytest.mark.parametrize("is_sealed", [False, True], ids=["waiting", "sealed"])
def test_a_step_is_never_changed_or_removed(app: Flask, make: Make, is_sealed: bool) -> None:
    place = make.province()
    record(None, place, "TRY", place.id, reason="为什么")
    db.session.commit()
    if is_sealed:
        audit_sealing.seal_all()
    on_postgres = db.engine.dialect.name == "postgresql"
    for name, statement in CHANGES.items():
        if name == "replace" and on_postgres or name in ("seal anew", "move", "unseal") and not is_sealed:
            continue
        with pytest.raises(DatabaseError, match="never changed or removed"), db.engine.begin() as connection:
            connection.execute(text(statement), {"seal": b"x"} if ":seal" in statement else {})
    with pytest.raises(DatabaseError), db.engine.begin() as connection:  # a seal alone, or with another column
        connection.execute(text("UPDATE step SET position = 7, seal = :seal, move = 'X'"), {"seal": b"x"})
