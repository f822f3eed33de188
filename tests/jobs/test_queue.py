"""Each job is taken exactly once, taken again when its worker is lost, and parked after five attempts (sec-R21)."""

import signal
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.jobs import cancel, claim, enqueue, fail, find, finish, forget, notes, recent
from portal.jobs.queue import LEASE, release, renew
from portal.jobs.table import job
from tests.jobs.conftest import PLACE, Clock, Rows


def test_a_job_waits_with_what_it_was_given(engine: Engine, rows: Rows) -> None:
    user = uuid.uuid4()
    with engine.begin() as connection:
        made = enqueue(connection, "print", {"class": "c1", "pages": [1, 2]}, PLACE, user, of=40)
    found = rows.see(made)
    assert (found.kind, found.arguments, found.state) == ("print", {"class": "c1", "pages": [1, 2]}, "queued")
    assert (found.place_path, found.asked_by, found.progress, found.progress_of) == (PLACE, user.hex, 0, 40)
    assert found.created_at.tzinfo is not None
    assert len(made) == 32


def test_a_job_is_part_of_the_callers_transaction(engine: Engine, rows: Rows) -> None:
    with Session(engine) as session:
        enqueue(session, "print", {}, PLACE, None)
        session.rollback()
        kept = enqueue(session, "print", {}, PLACE, None)
        session.commit()
    assert rows.states() == ["queued"]
    assert rows.see(kept).state == "queued"


@pytest.mark.parametrize("value", ["x" * 201, {"a": 1}, [["a"]], b"x", 1.5, {"name": "made up"}])
def test_arguments_are_ids_numbers_and_short_words_only(engine: Engine, value: object) -> None:
    with engine.begin() as connection, pytest.raises(ValueError, match="argument"):
        enqueue(connection, "print", {"what": value}, PLACE, None)


def test_jobs_are_taken_oldest_first_and_only_of_the_kinds_asked_for(engine: Engine, rows: Rows, clock: Clock) -> None:
    second, other, first = rows.add("print"), rows.add("import"), rows.add("print")
    with engine.begin() as connection:
        earlier = clock() - timedelta(hours=1)
        connection.execute(update(job).where(job.c.id == first).values(created_at=earlier))
    taken = [claim(engine, "w", ["print"], clock()) for _ in range(3)]
    assert [one.id for one in taken if one] == [first, second]
    assert taken[0] is not None
    assert (taken[0].state, taken[0].worker, taken[0].attempts) == ("running", "w", 1)
    assert taken[0].lease_until == clock() + LEASE
    assert rows.see(other).state == "queued"
    assert claim(engine, "w", [], clock()) is None


def test_a_result_is_kept(engine: Engine, rows: Rows, clock: Clock) -> None:
    made = rows.add()
    taken = claim(engine, "w", ["print"], clock())
    assert taken
    with engine.begin() as connection:
        assert finish(connection, taken, {"file": "abc"}, clock())
        assert not finish(connection, taken, {"file": "other"}, clock())
    found = rows.see(made)
    assert (found.state, found.result, found.finished_at) == ("done", {"file": "abc"}, clock())
    clock.pass_by(days=1)
    assert claim(engine, "w", ["print"], clock()) is None


def test_while_a_lease_runs_nobody_else_gets_the_job_and_afterwards_someone_does(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    rows.add()
    first = claim(engine, "one", ["print"], clock())
    assert first
    clock.pass_by(seconds=59)
    assert claim(engine, "two", ["print"], clock()) is None
    with engine.begin() as connection:
        assert renew(connection, first, clock() + LEASE)
    clock.pass_by(seconds=59)
    assert claim(engine, "two", ["print"], clock()) is None
    clock.pass_by(seconds=1)
    second = claim(engine, "two", ["print"], clock())
    assert second
    assert second.attempts == 2
    with engine.begin() as connection:
        assert not renew(connection, first, clock() + LEASE)
        assert not finish(connection, first, {}, clock())
        assert not fail(connection, first, "late", now=clock())
        assert finish(connection, second, {"by": "two"}, clock())
    assert rows.see(first.id).result == {"by": "two"}


def test_the_same_worker_in_a_later_attempt_is_another_owner(engine: Engine, rows: Rows, clock: Clock) -> None:
    rows.add()
    first = claim(engine, "w", ["print"], clock())
    clock.pass_by(minutes=2)
    second = claim(engine, "w", ["print"], clock())
    assert first
    assert second
    with engine.begin() as connection:
        assert not finish(connection, first, {}, clock())


def test_after_five_lost_workers_a_job_is_parked_with_a_note(engine: Engine, rows: Rows, clock: Clock) -> None:
    made = rows.add()
    for attempt in range(1, 6):
        taken = claim(engine, f"w{attempt}", ["print"], clock())
        assert taken
        assert taken.attempts == attempt
        clock.pass_by(minutes=2)
    assert claim(engine, "w6", ["print"], clock()) is None
    found = rows.see(made)
    assert (found.state, found.note, found.attempts) == ("failed", notes.INTERRUPTED, 5)
    assert found.finished_at == clock()


def test_a_failing_job_is_tried_again_after_growing_pauses_and_then_ends(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    made = rows.add()
    pauses = [5, 20, 80, 320]
    for pause in pauses:
        taken = claim(engine, "w", ["print"], clock())
        assert taken
        with engine.begin() as connection:
            assert fail(connection, taken, "ValueError at reading.py:7", now=clock())
        clock.pass_by(seconds=pause - 1)
        assert claim(engine, "w", ["print"], clock()) is None
        clock.pass_by(seconds=1)
    last = claim(engine, "w", ["print"], clock())
    assert last
    with engine.begin() as connection:
        fail(connection, last, "ValueError at reading.py:7", now=clock())
    found = rows.see(made)
    assert (found.state, found.note, found.error) == ("failed", notes.FAILED, "ValueError at reading.py:7")


def test_a_job_given_back_is_taken_at_once_and_the_attempt_does_not_count(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    rows.add()
    before = None
    for number in range(8):
        taken = claim(engine, f"w{number}", ["print"], clock())
        assert taken
        assert taken.attempts == 1
        with engine.begin() as connection:
            assert before is None or not finish(connection, before, {}, clock())
            assert release(connection, taken, clock())
        before = taken


@pytest.mark.parametrize("state", ["queued", "running"])
def test_an_open_job_can_be_cancelled_once(engine: Engine, rows: Rows, clock: Clock, state: str) -> None:
    made = rows.add()
    taken = claim(engine, "w", ["print"], clock()) if state == "running" else None
    with engine.begin() as connection:
        assert cancel(connection, uuid.UUID(made), clock())
        assert not cancel(connection, made, clock())
        assert not cancel(connection, uuid.uuid4(), clock())
        if taken:
            assert not finish(connection, taken, {}, clock())
    clock.pass_by(days=1)
    assert claim(engine, "w", ["print"], clock()) is None
    assert rows.see(made).state == "cancelled"


def test_jobs_are_listed_by_place_newest_first_and_forgotten_when_old(engine: Engine, rows: Rows, clock: Clock) -> None:
    with engine.begin() as connection:
        here = [enqueue(connection, "print", {}, path, None) for path in ("/97/9701/", "/97/9701/1/", "/97/97_1/")]
        assert [one.id for one in recent(connection, "/97/9701/")] == [here[1], here[0]]
        assert [one.id for one in recent(connection, "/97/97_")] == [here[2]]
        assert len(recent(connection, "/97/", limit=2)) == 2
        cancel(connection, here[0], clock())
        assert forget(connection, clock()) == 0
        assert forget(connection, clock() + timedelta(days=90)) == 1
        assert find(connection, here[0]) is None
        assert find(connection, here[1]) is not None


def test_the_table_refuses_states_it_does_not_know(engine: Engine, rows: Rows) -> None:
    made = rows.add()
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(update(job).where(job.c.id == made).values(state="lost"))


def test_times_without_a_zone_are_refused(engine: Engine, rows: Rows) -> None:
    rows.add()
    with pytest.raises(Exception, match="aware"):
        claim(engine, "w", ["print"], datetime(2025, 11, 21))


def test_of_many_workers_each_job_goes_to_exactly_one(engine: Engine, rows: Rows, clock: Clock) -> None:
    made = {rows.add() for _ in range(60)}
    together = threading.Barrier(8)

    def work(number: int) -> list[str]:
        together.wait()
        taken = []
        while one := claim(engine, f"w{number}", ["print"], clock()):
            taken.append(one.id)
        return taken

    with ThreadPoolExecutor(8) as pool:
        everything = [one for taken in pool.map(work, range(8)) for one in taken]
    assert len(everything) == 60
    assert set(everything) == made


KILLED = """
import importlib.util, sys, threading
sys.modules["portal"] = importlib.util.module_from_spec(importlib.util.find_spec("portal"))
from portal.jobs import claim
from tests.jobs.conftest import open_engine
print(claim(open_engine(sys.argv[1]), "killed", ["print"]).id, flush=True)
threading.Event().wait()
"""


def test_the_job_of_a_killed_worker_is_taken_again_when_its_lease_runs_out(
    engine: Engine, url: str, rows: Rows
) -> None:
    made = rows.add()
    process = subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline().strip() == made
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    now = datetime.now(UTC)
    assert claim(engine, "next", ["print"], now) is None
    taken = claim(engine, "next", ["print"], now + LEASE)
    assert taken
    assert (taken.id, taken.attempts, taken.worker) == (made, 2, "next")
