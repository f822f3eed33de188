"""The worker: runs handlers once, renews leases, gives back what it cannot finish, never stops for an error."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, func, insert, select

from portal.jobs import GiveUp, LeaseLost, Running, Worker, cancel, claim, handler, notes
from portal.jobs.queue import LEASE
from portal.jobs.running import HANDLERS
from tests.jobs.conftest import Clock, Rows

WAIT = 20


def fast(engine: Engine, handlers: dict[str, Any], clock: Clock) -> Worker:
    worker = Worker(engine, handlers=handlers, clock=clock)
    worker.poll_seconds = 0.01
    return worker


@contextlib.contextmanager
def at_work(worker: Worker) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=[stop])
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(WAIT)
    assert not thread.is_alive()


def test_a_job_is_done_and_its_progress_and_result_are_kept(engine: Engine, rows: Rows, clock: Clock) -> None:
    seen = []

    def printing(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        running.progress(1, of=4)
        seen.append((rows.see(running.job.id).progress, rows.see(running.job.id).progress_of))
        running.progress(4, of=4)
        seen.append((rows.see(running.job.id).progress, running.cancelled()))
        return {"class": arguments["class"]}

    made = rows.add("print", **{"class": "c1"})
    assert fast(engine, {"print": printing}, clock).drain() == 1
    assert seen == [(1, 4), (4, False)]
    assert (rows.see(made).state, rows.see(made).result) == ("done", {"class": "c1"})


def test_a_running_worker_does_all_jobs_once_in_the_context_of_the_app(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    done: list[str] = []
    depth = threading.local()
    everything = threading.Event()

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        depth.inside = True
        yield
        depth.inside = False

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        assert depth.inside
        done.append(running.job.id)
        if len(done) == 30:
            everything.set()
        return {}

    made = [rows.add("print", number=number) for number in range(30)]
    worker = Worker(lambda: engine, context, {"print": work}, clock)
    worker.poll_seconds = 0.01
    with at_work(worker):
        assert everything.wait(WAIT)
    assert sorted(done) == sorted(made)
    assert rows.states() == ["done"] * 30


def test_an_error_is_tried_again_and_its_text_is_neither_kept_nor_logged(
    engine: Engine, rows: Rows, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        if running.job.attempts < 3:
            raise ValueError("970101 张三")
        return {"attempt": running.job.attempts}

    made = rows.add()
    worker = fast(engine, {"print": work}, clock)
    for _ in range(3):
        assert worker.drain() == 1
        clock.pass_by(minutes=10)
    found = rows.see(made)
    assert (found.state, found.result) == ("done", {"attempt": 3})
    assert "ValueError at test_worker.py" in found.error
    assert "张三" not in found.error + caplog.text


@pytest.mark.parametrize("result", [{"set": {1}}, {"nan": float("nan")}])
def test_a_result_that_is_no_json_is_an_error(engine: Engine, rows: Rows, clock: Clock, result: dict[str, Any]) -> None:
    made = rows.add()
    assert fast(engine, {"print": lambda running, arguments: result}, clock).drain() == 1
    assert rows.see(made).state == "queued"
    assert "Error" in rows.see(made).error


def test_a_handler_can_give_up_with_a_note_for_people(engine: Engine, rows: Rows, clock: Clock) -> None:
    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        raise GiveUp("没有可打印的学生")

    made = rows.add()
    fast(engine, {"print": work}, clock).drain()
    assert (rows.see(made).state, rows.see(made).note) == ("failed", "没有可打印的学生")
    assert notes.FAILED != "没有可打印的学生"


def test_a_cancelled_job_ends_at_its_next_progress_and_stays_cancelled(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    asked = []

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        with engine.begin() as connection:
            cancel(connection, running.job.id, clock())
        asked.append(running.cancelled())
        with pytest.raises(LeaseLost):
            running.progress(1)
        return {"too": "late"}

    made = rows.add()
    assert fast(engine, {"print": work}, clock).drain() == 1
    assert asked == [True]
    assert (rows.see(made).state, rows.see(made).result) == ("cancelled", None)


def test_effect_and_end_are_one_transaction(engine: Engine, rows: Rows, clock: Clock) -> None:
    effects = Table("effect", MetaData(), Column("n", Integer))
    effects.create(engine)

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        if running.job.attempts == 1:  # its worker is too slow: another one takes the job
            clock.pass_by(minutes=2)
            assert other.drain() == 1
        with engine.begin() as connection:
            connection.execute(insert(effects).values(n=1))
            running.done(connection, {"by": running.job.attempts})
        return {}

    made = rows.add()
    other = fast(engine, {"print": work}, clock)
    assert fast(engine, {"print": work}, clock).drain() == 1
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(effects)) == 1
    assert (rows.see(made).state, rows.see(made).result) == ("done", {"by": 2})
    effects.drop(engine)


def test_leases_are_renewed_while_a_handler_shows_life_and_not_for_ever(
    engine: Engine, rows: Rows, clock: Clock
) -> None:
    taken_by_others: list[bool] = []

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        for patience in (worker.patience, worker.patience, -worker.patience):
            worker.patience = patience
            clock.pass_by(seconds=LEASE.total_seconds() - 1)
            worker.renew_leases()
            clock.pass_by(seconds=2)
            taken_by_others.append(claim(engine, "other", ["print"], clock()) is not None)
        return {}

    rows.add()
    worker = fast(engine, {"print": work}, clock)
    worker.drain()
    assert taken_by_others == [False, False, True]


def test_a_stopping_worker_lets_jobs_finish(engine: Engine, rows: Rows, clock: Clock) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(WAIT)
        return {}

    rows.add()
    with at_work(fast(engine, {"print": work}, clock)) as stop:
        assert begun.wait(WAIT)
        stop.set()
        go_on.set()
    assert rows.states() == ["done"]


def test_a_stopping_worker_gives_back_what_takes_too_long(engine: Engine, rows: Rows, clock: Clock) -> None:
    begun, given_back = threading.Event(), threading.Event()

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        while not running.cancelled():
            given_back.wait(0.01)
        return {"unfinished": True}

    made = rows.add()
    worker = fast(engine, {"print": work}, clock)
    worker.grace_seconds = 0.2
    with at_work(worker) as stop:
        assert begun.wait(WAIT)
        stop.set()
    found = rows.see(made)
    assert (found.state, found.attempts, found.result) == ("queued", 0, None)


def test_periodic_calls_go_on_after_an_error_and_while_another_one_hangs(
    engine: Engine, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    calls: list[str] = []
    enough, hang, depth = threading.Event(), threading.Event(), threading.local()

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        depth.inside = True
        yield

    def fold_figures() -> None:
        calls.append("fold" if depth.inside else "outside")
        if len(calls) == 1:
            raise RuntimeError("970101 张三")
        if len(calls) >= 4:
            enough.set()

    worker = Worker(engine, context, {}, clock)
    worker.every(0.01, fold_figures)
    worker.every(0.01, lambda: hang.wait(WAIT))
    with at_work(worker):
        assert enough.wait(WAIT)
        hang.set()
    assert "fold_figures failed: RuntimeError at test_worker.py" in caplog.text
    assert "张三" not in caplog.text


def test_a_periodic_call_goes_on_at_once_while_there_is_more(engine: Engine, clock: Clock) -> None:
    left, empty = [3], threading.Event()

    def read() -> int:
        left[0] -= 1
        if left[0] < 0:
            empty.set()
        return max(0, left[0] + 1)

    worker = Worker(engine, handlers={}, clock=clock)
    worker.every(100 * WAIT, read, again=True)
    with at_work(worker):
        assert empty.wait(WAIT)
    assert left == [-1]


def test_a_database_that_is_away_stops_nothing(engine: Engine, rows: Rows, clock: Clock) -> None:
    done, away = threading.Event(), [3]

    class Flaky(Worker):
        def run_one(self) -> bool:
            if away[0]:
                away[0] -= 1
                raise ConnectionError("away")
            return super().run_one()

    def work(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        done.set()
        return {}

    rows.add()
    worker = Flaky(engine, handlers={"print": work}, clock=clock)
    worker.poll_seconds = 0.01
    with at_work(worker):
        assert done.wait(WAIT)
    assert rows.states() == ["done"]


def test_a_kind_has_one_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    def second(running: Running, arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    monkeypatch.delitem(HANDLERS, "trial", raising=False)
    assert handler("trial")(first) is first
    assert handler("trial")(first) is first
    with pytest.raises(ValueError, match="two handlers"):
        handler("trial")(second)
    del HANDLERS["trial"]
