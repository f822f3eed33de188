"""Seven ways to falsify the history, each with three keys, with and without anchors (sec 7.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from portal.models import Step, db, keyring
from portal.models.schema import guards
from portal.services import audit_anchors, audit_chain, audit_results, audit_sealing
from portal.services.audit_chain import Head
from portal.services.audit_verifying import Answer, verify
from portal.services.history import record, record_deployment
from tests.make import Make

STEPS, ANCHORED = 12, 9
TAMPERED, CONTRADICTED, OK = Answer.TAMPERED, Answer.CONTRADICTED, Answer.OK


def _edit(connection: Connection, at: int) -> None:
    connection.execute(text("UPDATE step SET move = 'NOTHING' WHERE position = :at"), {"at": at})


def _delete(connection: Connection, at: int) -> None:
    """Take one out and close the gap, as somebody does who wants it to go unnoticed."""
    connection.execute(text("DELETE FROM step WHERE position = :at"), {"at": at})
    for position in range(at + 1, STEPS + 1):
        connection.execute(
            text("UPDATE step SET position = :to WHERE position = :at"), {"at": position, "to": position - 1}
        )


def _hole(connection: Connection) -> None:
    connection.execute(text("DELETE FROM step WHERE position = 5"))


def _swap(connection: Connection) -> None:
    for at, to in ((4, 100), (5, 4), (100, 5)):
        connection.execute(text("UPDATE step SET position = :to WHERE position = :at"), {"at": at, "to": to})


def _cut(connection: Connection) -> None:
    connection.execute(text("DELETE FROM step WHERE position > 6"))


def _fakes(connection: Connection) -> None:
    """The end is taken off and other steps put in its place."""
    connection.execute(text("UPDATE step SET move = 'FAKE' WHERE position > 6"))


def _chain_again(connection: Connection, key: bytes) -> None:
    """Seal everything anew, with whatever key the attacker has."""
    head, seal_of = audit_chain.beginning(key), audit_chain.sealer(key)
    for position, _seal, digest in list(audit_chain.links(connection)):
        head = Head(head.position + 1, seal_of(head.seal, head.position + 1, digest))
        own = {"seal": head.seal, "at": position, "to": head.position}
        connection.execute(text("UPDATE step SET seal = :seal, position = :to WHERE position = :at"), own)


#: attack -> what is done, whether it is chained again, what shows it without the true key and with it
ATTACKS: dict[str, tuple[Callable[[Connection], None], bool]] = {
    "edit": (lambda connection: _edit(connection, 5), False),
    "delete in the middle": (_hole, False),
    "swap": (_swap, False),
    "delete the end": (_cut, False),
    "edit and chain again": (lambda connection: _edit(connection, 5), True),
    "delete and chain again": (lambda connection: _delete(connection, 5), True),
    "cut, add fakes and chain again": (_fakes, True),
}
#: key of the attacker -> what he seals with
KEYS = {"none": lambda true: b"", "another": lambda true: b"k" * 32, "stolen": lambda true: true}


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """An afternoon in Shanghai that stands still until it is moved on."""
    with time_machine.travel(datetime.fromisoformat("2026-11-20T08:00:00+00:00"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def chain(make: Make) -> Path:
    """Twelve sealed steps with an anchor at the ninth; the folder of the anchors."""
    place = make.province()
    for count in (ANCHORED, STEPS - ANCHORED):
        for n in range(count):
            record(None, place, "TRY", place.id, n=n)
        db.session.commit()
        audit_sealing.seal_all()
        if count == ANCHORED:
            audit_anchors.make()
    assert audit_sealing.waiting()[0] == 0
    db.session.rollback()
    return audit_anchors.folder()


def _expected(attack: str, key: str, anchored: bool) -> Answer:
    """What the table of the research says: without the key whatever is left of the chain gives it away; a cut end and a
    stolen key only the anchors do."""
    is_chained_again = ATTACKS[attack][1]
    shows = is_chained_again and key != "stolen" or attack in ("edit", "delete in the middle", "swap")
    return TAMPERED if shows else CONTRADICTED if anchored else OK


@pytest.mark.parametrize("attack", ATTACKS)
def test_falsified_history_is_noticed(app: Flask, chain: Path, attack: str) -> None:
    true = keyring().derive("audit")
    assert verify().answer == OK
    act, again = ATTACKS[attack]
    for key, made in KEYS.items():
        with db.engine.connect() as connection:  # never committed: each attack begins with the true history
            transaction = connection.begin()
            guards.take_down(connection)
            act(connection)
            if again:
                _chain_again(connection, made(true))
            guards.put_up(connection)
            for anchors in (chain, None):
                found = _verified(connection, anchors)
                assert found == _expected(attack, key, anchors is not None), (attack, key, anchors)
            transaction.rollback()
    assert verify().answer == OK


def _verified(connection: Connection, anchors: Path | None) -> Answer:
    from portal.services import audit_verifying

    kept = audit_anchors.read(anchors).anchors if anchors else []
    verdict = audit_verifying.Verdict()
    audit_verifying.follow(verdict, connection, 1, kept)
    return verdict.answer


#: what leaves a trigger of that name and lets everything through
HOLLOW = {
    "sqlite": (
        "DROP TRIGGER step_stays",
        "CREATE TRIGGER step_stays BEFORE DELETE ON step WHEN 0 BEGIN SELECT 1; END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION step_stays() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN OLD; END$$",
    ),
}
SWITCHED_OFF = {
    "sqlite": ("DROP TRIGGER step_not_replaced",),
    "postgresql": ("ALTER TABLE step DISABLE TRIGGER step_not_emptied",),
}
#: what changes steps before they are sealed
ADDED = {
    "sqlite": ("CREATE TRIGGER helper AFTER INSERT ON step BEGIN DELETE FROM viewed; END",),
    "postgresql": ("CREATE TRIGGER helper BEFORE INSERT ON step FOR EACH ROW EXECUTE FUNCTION step_stays()",),
}


@pytest.mark.parametrize("attack", [HOLLOW, SWITCHED_OFF, ADDED])
def test_triggers_that_do_nothing_are_noticed(app: Flask, chain: Path, attack: dict[str, tuple[str, ...]]) -> None:
    assert verify().answer == OK
    with db.engine.connect() as connection:
        transaction = connection.begin()
        for statement in attack[connection.dialect.name]:
            connection.execute(text(statement))
        assert guards.missing(connection)
        assert _verified(connection, chain) == TAMPERED
        transaction.rollback()
    assert verify().answer == OK


def test_the_history_cannot_be_emptied(app: Flask, chain: Path) -> None:
    ways = ["DELETE FROM step", *(["TRUNCATE step CASCADE"] if db.engine.dialect.name == "postgresql" else [])]
    for way in ways:
        with db.engine.connect() as connection, pytest.raises(DBAPIError, match="never changed or removed"):
            connection.execute(text(way))
    assert verify().last == STEPS


def test_a_verification_is_not_made_up(app: Flask, clock: time_machine.Traveller, chain: Path) -> None:
    """Whoever only writes into the database would keep the night's look at the whole from happening."""
    assert audit_results.verify_nightly() == 1
    true = db.session.scalars(select(Step).where(Step.move == audit_results.VERIFY)).one()
    clock.shift(timedelta(days=1))
    copied = record_deployment(audit_results.VERIFY, **true.details)
    record_deployment(audit_results.VERIFY, exit=0, kind="", position=None, since=1, upto=99, anchors=9)
    db.session.commit()
    found = audit_results.last(whole=True)
    assert copied is not None
    assert found is not None
    assert found.at == true.at
    assert audit_results.verify_nightly() == 1
    assert audit_results.verify_nightly() == 0
