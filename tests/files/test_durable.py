"""A blob is on disk before it is acknowledged (sec-R1 to R5). Broken variants of the same code must be noticed."""

import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from portal.files import LocalStore, StoreFailed, StoreFull, disk
from tests.files.conftest import BARE, DEK, SCOPE
from tests.files.power import Power

BROKEN = {
    "no fsync of the file": ("            os.fsync(handle)\n", ""),
    "no fsync of the folder": ("                os.fsync(folder)\n", ""),
    "fsync after the rename": (
        "            os.fsync(handle)\n            with self._folder_of(name, make=True) as folder:\n",
        "            with self._folder_of(name, make=True) as folder:\n",
        "                os.fsync(folder)\n",
        "                os.fsync(handle); os.fsync(folder)\n",
    ),
    "the names of new folders are not synced": ("        os.fsync(parent)\n", ""),
}


def path_of(store: LocalStore, address: str) -> Path:
    return store._disk.root / address[:2] / address[2:4] / address


def broken(store: LocalStore, changes: tuple[str, ...]) -> LocalStore:
    """The store on a disk whose code was changed: pairs of text and replacement."""
    source = Path(disk.__file__).read_text()
    for text, replacement in zip(changes[::2], changes[1::2], strict=True):
        assert text in source
        source = source.replace(text, replacement, 1)
    module = types.ModuleType("portal.files.broken_disk")
    exec(compile(source, "broken_disk.py", "exec"), module.__dict__)
    store._disk = module.Disk(store._disk.root)
    return store


def test_a_power_cut_after_put_takes_nothing_away(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    power = Power(monkeypatch)
    for number in range(20):
        address = local.put(SCOPE, b"photo %d" % number, DEK, 3).address
        assert power.lost(local._disk.root, path_of(local, address)) == []
    power.calls.clear()
    local.put(SCOPE, b"photo 7", DEK, 3)
    assert power.calls == ["write", "write", "fsync file", "rename", "fsync folder"]


@pytest.mark.parametrize("change", BROKEN)
def test_a_broken_variant_is_noticed(local: LocalStore, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    store = broken(local, BROKEN[change])
    power = Power(monkeypatch)
    address = store.put(SCOPE, b"photo", DEK, 3).address
    assert power.lost(store._disk.root, path_of(store, address)) != []


def test_a_folder_another_writer_made_is_synced_too(local: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    address = local.put(SCOPE, b"photo", DEK, 3).address
    power = Power(monkeypatch)
    # the other writer died between mkdir and fsync: only the model knows that the names are not on disk
    power._unsure |= {str(path_of(local, address).parent), str(path_of(local, address).parent.parent)}
    LocalStore(local._disk.root).put(SCOPE, b"photo", DEK, 3)
    assert power.lost(local._disk.root, path_of(local, address)) == []


FAILING = [("fsync", n) for n in range(1, 5)] + [("rename", 1), ("write", 1), ("write", 2), ("open", 5)]


@pytest.mark.parametrize(("call", "at"), FAILING)
@pytest.mark.parametrize("number", [5, 28])
def test_a_disk_error_is_never_a_success_and_leaves_no_rest(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch, call: str, at: int, number: int
) -> None:
    real, seen = getattr(os, call), []

    def failing(*args: object, **named: object) -> object:
        seen.append(call)
        if len(seen) == at:
            raise OSError(number, os.strerror(number))
        return real(*args, **named)

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(StoreFull if number == 28 else StoreFailed):
        local.put(SCOPE, b"photo", DEK, 3)
    if call == "fsync":
        assert len(seen) == at, "a failing fsync must not be tried again"
    monkeypatch.undo()
    assert os.listdir(local._disk.root / ".incoming") == []
    assert local.get(local.put(SCOPE, b"photo", DEK, 3).address, DEK) == b"photo"


def test_below_the_low_water_mark_writing_is_refused_and_reading_goes_on(
    local: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = local.put(SCOPE, b"photo", DEK, 3).address
    full = os.statvfs(local._disk.root)
    numbers = list(full)
    numbers[4] = 0  # f_bavail
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result(numbers))
    assert not local.has_room()
    with pytest.raises(StoreFull, match="nearly full"):
        local.put(SCOPE, b"another", DEK, 3)
    assert local.get(address, DEK) == b"photo"


STRACED = (
    BARE
    + """
for number in range(3):
    os.write(1, store.put("scope", b"photo %d" % number, bytes(range(32)), 1).address.encode())
"""
)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the system was asked for while three photos were kept, each answered on standard output."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    folder = tmp_path_factory.mktemp("traced")
    log = folder / "calls"
    command = ["strace", "-f", "-y", "-o", str(log), "-e", "trace=fsync,rename,renameat,renameat2,write"]
    script = [sys.executable, "-c", STRACED, str(folder / "files")]
    done = subprocess.run([*command, *script], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        pytest.skip(f"strace is not allowed here: {done.stderr[:200]}")
    return log.read_text().splitlines()


def first(lines: list[str], *words: str) -> int:
    """The first line with all these words, or -1."""
    return next((at for at, line in enumerate(lines) if all(word in line for word in words)), -1)


def right_answers(calls: list[str]) -> int:
    """How many answers came after fsync of the file, rename, and fsync of its folder, in this order."""
    right, before = 0, 0
    for at in (at for at, line in enumerate(calls) if "write(1<" in line):
        address = calls[at].split('"')[1]
        steps = calls[before:at]
        kept = first(steps, "fsync(", "/.incoming/")
        named = first(steps, "rename", address[:32])
        synced = first(steps[named:], "fsync(", f"/{address[:2]}/{address[2:4]}>") + named
        right += 0 <= kept < named < synced and first(steps[kept:], "write(", "/.incoming/") < 0
        before = at + 1
    return right


def test_the_system_sees_fsync_rename_fsync_before_the_answer(calls: list[str]) -> None:
    assert right_answers(calls) == 3


@pytest.mark.parametrize("words", [("fsync(", "/.incoming/"), ("rename",), ("fsync(", "/files/")])
def test_a_missing_call_is_noticed_in_the_trace(calls: list[str], words: tuple[str, ...]) -> None:
    left = [line for line in calls if not all(word in line for word in words)]
    assert len(left) < len(calls)
    assert right_answers(left) == 0
