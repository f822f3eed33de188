"""Bounded children: what hangs, dies or asks too much is replaced, and nothing of the server reaches them (sec-A27)."""

import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.jobs import child, link
from portal.jobs.children import ChildBusy, ChildDied, ChildFailed, Children, ChildTimeout

ACT = "tests.jobs.entries:act"


@pytest.fixture(scope="module")
def echo() -> Iterator[Children]:
    pool = Children("tests.jobs.entries:echo", 2, wait=30)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[Children]:
    pool = Children(ACT, 1, memory_mb=150, seconds=1, nice=7, wait=30)
    yield pool
    pool.close()


def act(pool: Children, do: str, timeout: float | None = None, **args: Any) -> Any:
    return pool.call(b"", {"do": do, **args}, timeout)[0]


@pytest.mark.parametrize("size", [0, 1, 65_536, 5_000_000])
def test_bytes_and_plain_values_go_there_and_back(echo: Children, size: int) -> None:
    payload = os.urandom(size)
    args = {"text": "张三", "number": 7, "list": [1, None, True]}
    answer, blobs = echo.call(payload, args)
    assert answer["args"] == args
    assert answer["size"] == size
    assert blobs == [payload, payload[::-1], b""]


def test_a_child_is_used_again(echo: Children) -> None:
    assert len({echo.call(b"", {})[0]["pid"] for _ in range(10)}) == 1


def test_many_threads_share_the_children(echo: Children) -> None:
    def call(number: int) -> tuple[int, int]:
        answer, blobs = echo.call(b"%d" % number * 10_000, {"n": number})
        assert blobs[0] == b"%d" % number * 10_000
        return answer["args"]["n"], answer["pid"]

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(call, range(60)))
    assert [number for number, _ in answers] == list(range(60))
    assert len({pid for _, pid in answers}) <= 2


def test_values_that_are_no_json_are_refused_and_harm_nothing(echo: Children) -> None:
    for wrong in ({1, 2}, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            echo.call(b"", {"wrong": wrong})
    assert echo.call(b"x", {})[1][0] == b"x"


FATAL = [
    ("spin", {}, None, ChildTimeout, "too long|CPU"),
    ("sleep", {"seconds": 60}, 0.2, ChildTimeout, "too long"),
    ("spin", {}, 60, ChildTimeout, "CPU"),
    ("crash", {}, None, ChildDied, "status -11"),
    ("leave", {}, None, ChildDied, "status 3"),
    ("swallow", {"mb": 400}, None, ChildFailed, "MemoryError"),
]


@pytest.mark.parametrize(("do", "args", "timeout", "error", "words"), FATAL)
def test_what_goes_wrong_ends_the_child_and_the_next_call_has_a_new_one(
    pool: Children, do: str, args: dict[str, Any], timeout: float | None, error: type[Exception], words: str
) -> None:
    before = act(pool, "nothing")["pid"]
    with pytest.raises(error, match=words):
        act(pool, do, timeout, **args)
    after = act(pool, "nothing")["pid"]
    assert after != before
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


def test_within_its_bounds_memory_may_be_used_each_time(pool: Children) -> None:
    for _ in range(3):
        assert act(pool, "swallow", mb=100)["did"] == 100 * 2**20


@pytest.mark.parametrize(("do", "kind"), [("raise", "ValueError"), ("strange", "TypeError"), ("unknown", "KeyError")])
def test_an_error_in_the_function_tells_its_type_and_not_its_text(pool: Children, do: str, kind: str) -> None:
    before = act(pool, "nothing")["pid"]
    with pytest.raises(ChildFailed) as failed:
        act(pool, do, text="made-up secret")
    assert failed.value.kind == kind
    assert "secret" not in str(failed.value)
    assert act(pool, "nothing")["pid"] == before


def test_what_a_child_prints_is_no_answer(pool: Children) -> None:
    assert act(pool, "talk")["did"] is None


def test_a_child_can_write_no_file(pool: Children, tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="OSError|PermissionError"):
        act(pool, "write", path=str(tmp_path / "left"))
    assert not (tmp_path / "left").exists() or (tmp_path / "left").stat().st_size == 0


def test_a_child_knows_nothing_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    fresh = Children(ACT, 1, nice=7)
    with open(__file__, "rb"):
        seen = act(fresh, "look")["did"]
    fresh.close()
    assert not {"DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "HOME"} & set(seen["environment"])
    assert seen["modules"] == []
    assert (seen["nice"], seen["core"]) == (7 + os.nice(0), 0)
    assert seen["handles"] <= 6


def may_leave_the_network() -> bool:
    """Does this system let a process have a network of its own?"""
    flags = 0x40000000 if os.geteuid() == 0 else 0x50000000
    left = f"import ctypes; raise SystemExit(ctypes.CDLL(None).unshare({flags}) and 1)"
    return subprocess.run([sys.executable, "-c", left], check=False).returncode == 0


@pytest.mark.skipif(not may_leave_the_network(), reason="no user namespaces here")
def test_a_child_has_no_network(pool: Children) -> None:
    assert act(pool, "network")["did"] == ["lo"]


def landlock() -> int:
    """The version of Landlock that this kernel offers; 0 or less: none."""
    return int(ctypes.CDLL(None).syscall(444, None, 0, 1))


@pytest.mark.skipif(landlock() < 1, reason="this kernel has no Landlock: a child may open what its user may")
def test_a_child_opens_neither_keys_nor_database_nor_files(pool: Children, tmp_path: Path) -> None:
    """sec-A27: what decodes a photo from outside holds that photo and nothing else of the portal."""
    (tmp_path / "uploads").mkdir()
    closed = [tmp_path / "keys.json", tmp_path / "portal.db", tmp_path / "uploads" / "abcd"]
    for path in closed:
        path.write_bytes(b"secret")
    root = Path(child.__file__).parents[2]
    closed += [tmp_path, root / "README.md", root / "var", Path(f"/proc/{os.getpid()}/environ"), Path("/etc/passwd")]
    found = pool.call(b"", {"do": "open", "paths": [str(path) for path in closed]})[0]["did"]
    assert set(found.values()) <= {"PermissionError", "FileNotFoundError"}, found
    needed = [str(Path(pytest.__file__)), os.__file__, str(Path(__file__).parents[1] / "pages.py"), "/usr/share"]
    found = pool.call(b"", {"do": "open", "paths": needed})[0]["did"]
    assert set(found.values()) == {"open"}, found


@pytest.mark.skipif(landlock() < 6, reason="this kernel's Landlock holds back no signals")
def test_a_child_signals_nobody(pool: Children) -> None:
    with pytest.raises(ChildFailed, match="PermissionError"):
        pool.call(b"", {"do": "signal"})


def test_what_the_system_does_not_hold_back_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """sec-A27: an old kernel or a strict container is no reason to stand still, but the operator must know."""
    monkeypatch.setattr(link, "_told", set())
    pool = Children("tests.jobs.old_kernel:echo", 2, wait=30)
    pool.warm()
    assert pool.call(b"abc", {})[0]["size"] == 3
    pool.close()
    told = [record.message for record in caplog.records if "child processes" in record.message]
    assert len(told) == 1 + (not may_leave_the_network())
    assert "no Landlock" in told[0]


def test_when_no_child_is_free_the_caller_is_told() -> None:
    pool = Children(ACT, 1, seconds=30, wait=0.01)
    pool.warm()
    answer: list[Any] = []

    def hold() -> None:
        try:
            act(pool, "sleep", 30, seconds=60)
        except ChildDied as error:
            answer.append(error)

    thread = threading.Thread(target=hold)
    thread.start()
    while pool._queue.qsize():
        thread.join(0.001)
    with pytest.raises(ChildBusy):
        act(pool, "nothing")
    with pytest.raises(ChildBusy):
        pool.call(b"", {"do": "nothing"}, wait=0)
    assert pool.has_room(1)
    assert not pool.has_room(0)
    with pytest.raises(ChildBusy, match="enough"):
        pool.call(b"", {"do": "nothing"}, wait=600, line=0)
    pool.close()
    thread.join(20)
    assert pool.has_room(0)
    assert len(answer) == 1
    assert act(pool, "nothing")["did"] is None
    pool.close()


def test_children_start_only_when_needed_and_warm_starts_them_all() -> None:
    pool = Children(ACT, 2)
    assert not pool._links
    pool.warm()
    assert len({link._process.pid for link in pool._links}) == 2
    pids = [link._process.pid for link in pool._links]
    pool.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_forgotten_pool_ends_its_children() -> None:
    pool = Children(ACT, 1)
    pid = act(pool, "nothing")["pid"]
    del pool
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_fork_has_children_of_its_own(pool: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = act(pool, "nothing")["pid"]
    here = os.getpid()
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: here + 1)
        theirs = act(pool, "nothing")["pid"]
        assert theirs != mine
        pool.close()
    os.kill(mine, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(theirs, 0)


@pytest.mark.parametrize("entry", ["tests.jobs.nowhere:act", "tests.jobs.entries:nothing_like_it"])
def test_an_entry_that_cannot_be_loaded_is_told(entry: str) -> None:
    with pytest.raises(ChildDied, match="could not start"):
        Children(entry, 1).call(b"", {})


@pytest.mark.parametrize(("entry", "size"), [("no_function", 1), (ACT, 0)])
def test_a_pool_that_makes_no_sense_is_refused(entry: str, size: int) -> None:
    with pytest.raises(ValueError):
        Children(entry, size)
