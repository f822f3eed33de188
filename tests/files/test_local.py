"""The local folder: nothing outside it is touched, writers that died leave nothing."""

import os
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.files import BlobMissing, LocalStore, StoreFailed
from portal.keys import Tampered
from tests.files.conftest import BARE, DEK, SCOPE


def path_of(store: LocalStore, address: str) -> Path:
    return store._disk.root / address[:2] / address[2:4] / address


def test_files_and_folders_are_for_their_user_only(local: LocalStore) -> None:
    path = path_of(local, local.put(SCOPE, b"photo", DEK, 3).address)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent, local._disk.root / ".incoming"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_link_in_place_of_a_file_is_not_followed(local: LocalStore, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    blob = local.put(SCOPE, b"photo", DEK, 3)
    path = path_of(local, blob.address)
    path.rename(secret)
    path.symlink_to(secret)
    assert not local.exists(blob.address)
    assert list(local.walk()) == []
    with pytest.raises(StoreFailed):
        local.get(blob.address, DEK)
    local.put(SCOPE, b"photo", DEK, 3)
    assert not path.is_symlink()
    assert secret.exists()


def test_a_link_in_place_of_a_folder_is_not_followed(local: LocalStore, tmp_path: Path) -> None:
    blob = local.put(SCOPE, b"photo", DEK, 3)
    outside = tmp_path / "outside"
    folder = local._disk.root / blob.address[:2]
    folder.rename(outside)
    folder.symlink_to(outside)
    again = LocalStore(local._disk.root)
    assert list(again.walk()) == []
    for act in (lambda: again.get(blob.address, DEK), lambda: again.put(SCOPE, b"photo", DEK, 3)):
        with pytest.raises(StoreFailed):
            act()
    with pytest.raises(StoreFailed):
        again.delete(blob.address)
    assert (outside / blob.address[2:4] / blob.address).exists()


def test_a_folder_or_a_pipe_in_place_of_a_file_is_refused(local: LocalStore) -> None:
    blob = local.put(SCOPE, b"photo", DEK, 3)
    path = path_of(local, blob.address)
    path.unlink()
    os.mkfifo(path)
    assert not local.exists(blob.address)
    with pytest.raises((Tampered, BlobMissing, StoreFailed)):
        local.get(blob.address, DEK)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreFailed):
        local.get(blob.address, DEK)


def test_strangers_in_the_folder_are_passed_over(local: LocalStore) -> None:
    blob = local.put(SCOPE, b"photo", DEK, 3)
    folder = path_of(local, blob.address).parent
    (folder / "notes.txt").write_text("")
    (folder / ("0" * 64)).write_text("in a folder that is not its own")
    (local._disk.root / ".gitkeep").write_text("")
    (local._disk.root / "zz").mkdir()
    assert [found.address for found in local.walk()] == [blob.address] or blob.address[:4] == "0000"


def test_putting_again_repairs_a_damaged_file(local: LocalStore) -> None:
    blob = local.put(SCOPE, b"photo", DEK, 3)
    path_of(local, blob.address).write_bytes(b"")
    with pytest.raises(Tampered):
        local.get(blob.address, DEK)
    assert local.put(SCOPE, b"photo", DEK, 3) == blob
    assert local.get(blob.address, DEK) == b"photo"


def test_opening_removes_what_dead_writers_left_and_nothing_of_living_ones(local: LocalStore) -> None:
    incoming = local._disk.root / ".incoming"
    (incoming / "left").write_bytes(b"half a photo")
    with local._disk._incoming() as (_, _, temporary):
        assert local.clean() == 1
        LocalStore(local._disk.root)
        assert os.listdir(incoming) == [temporary]
    assert os.listdir(incoming) == []


def test_many_writers_of_the_same_photos_leave_one_blob_each(local: LocalStore) -> None:
    stop = threading.Event()

    def cleaning() -> None:
        while not stop.is_set():
            local.clean()

    cleaner = threading.Thread(target=cleaning)
    cleaner.start()
    with ThreadPoolExecutor(8) as pool:
        blobs = list(pool.map(lambda n: local.put(SCOPE, b"photo %d" % (n % 10), DEK, 3), range(200)))
    stop.set()
    cleaner.join()
    assert len({blob.address for blob in blobs}) == 10
    assert {found.address for found in local.walk()} == {blob.address for blob in blobs}
    for number, blob in enumerate(blobs[:10]):
        assert local.get(blob.address, DEK) == b"photo %d" % number


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="cannot be used"):
        LocalStore(tmp_path / "file" / "files")


KILLED = (
    BARE
    + """
while True:
    print(store.put("scope", os.urandom(200_000), bytes(range(32)), 1).address, flush=True)
"""
)


def test_what_a_killed_process_acknowledged_is_there_and_whole(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for kept in (3, 8, 20):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        acknowledged += [process.stdout.readline().strip() for _ in range(kept)]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        acknowledged += [line for line in rest.split("\n")[:-1] if line]
        process.stdout.close()
        process.wait()
    store = LocalStore(tmp_path)
    assert len(acknowledged) >= 31
    assert all(len(store.get(address, bytes(range(32)))) == 200_000 for address in acknowledged)
    assert os.listdir(tmp_path / ".incoming") == []
