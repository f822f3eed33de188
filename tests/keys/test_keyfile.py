"""The key file: private, checked, durable, never overwritten (sec-A49)."""

import base64
import json
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portal.keys import KeyFile, KeyFileError, KeyFileExists, KeyFileMissing


def rewrite(path: Path, change: Callable[[dict[str, Any]], object], mode: int = 0o600) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.chmod(0o600)
    path.write_text(json.dumps(document))
    path.chmod(mode)


def test_a_new_file_holds_different_random_keys_and_only_its_user_reads_it(keyfile: KeyFile) -> None:
    assert KeyFile.load(keyfile.path) == keyfile
    assert stat.S_IMODE(keyfile.path.stat().st_mode) == 0o400
    assert stat.S_IMODE(keyfile.path.parent.stat().st_mode) == 0o700
    assert len({keyfile.root, *keyfile.keys.values()}) == 2
    assert keyfile.active == 1
    assert os.listdir(keyfile.path.parent) == ["portal.key"]


def test_it_never_shows_its_keys(keyfile: KeyFile) -> None:
    shown = repr(keyfile)
    for key in (keyfile.root, *keyfile.keys.values()):
        assert repr(key) not in shown
        assert base64.b64encode(key).decode() not in shown


def test_a_second_create_is_refused_and_leaves_the_first(keyfile: KeyFile) -> None:
    with pytest.raises(KeyFileExists):
        KeyFile.create(keyfile.path)
    assert KeyFile.load(keyfile.path) == keyfile
    assert os.listdir(keyfile.path.parent) == ["portal.key"]


def test_of_many_who_create_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "portal.key"

    def create(_: int) -> KeyFile | None:
        try:
            return KeyFile.create(path)
        except KeyFileExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        winners = [made for made in pool.map(create, range(16)) if made]
    assert winners == [KeyFile.load(path)]


@pytest.mark.parametrize("mode", [0o404, 0o440, 0o644, 0o602, 0o610, 0o666])
def test_a_file_others_may_read_is_refused(keyfile: KeyFile, mode: int) -> None:
    keyfile.path.chmod(mode)
    with pytest.raises(KeyFileError, match="other users may read"):
        KeyFile.load(keyfile.path)


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_private_file_is_read(keyfile: KeyFile, mode: int) -> None:
    keyfile.path.chmod(mode)
    assert KeyFile.load(keyfile.path) == keyfile


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing):
        KeyFile.load(tmp_path / "none")
    with pytest.raises(KeyFileError, match="plain file"):
        KeyFile.load(tmp_path)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match="cannot be written"):
        KeyFile.create(tmp_path / "file" / "portal.key")


def short(document: dict[str, Any]) -> None:
    document["root"]["key"] = base64.b64encode(b"only sixteen byt").decode()


def one_byte_wrong(document: dict[str, Any]) -> None:
    key = bytearray(base64.b64decode(document["root"]["key"]))
    key[5] ^= 1
    document["root"]["key"] = base64.b64encode(key).decode()


def all_equal(document: dict[str, Any]) -> None:
    document["keys"].append({**document["root"], "id": 2})


def same_number(document: dict[str, Any]) -> None:
    document["keys"].append({**document["root"], "id": 1})


BAD = [
    (short, "32 bytes"),
    (one_byte_wrong, "check value"),
    (all_equal, "equal"),
    (same_number, "twice"),
    (lambda d: d.update(keys=[]), "no wrapping key"),
    (lambda d: d.pop("root"), "not a key file"),
    (lambda d: d.update(root=7), "not a key file"),
    (lambda d: d.update(format=2), "unknown format"),
    (lambda d: d["keys"][0].update(id=0), "outside"),
    (lambda d: d["keys"][0].update(key="***"), "base64"),
]


@pytest.mark.parametrize(("change", "words"), BAD)
def test_a_wrong_file_is_refused_in_one_line_without_a_key(
    keyfile: KeyFile, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    rewrite(keyfile.path, change)
    with pytest.raises(KeyFileError, match=words) as refused:
        KeyFile.load(keyfile.path)
    assert "\n" not in str(refused.value)
    assert base64.b64encode(keyfile.root).decode()[:12] not in str(refused.value)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"null", b'"key"'])
def test_anything_else_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "portal.key"
    path.write_bytes(text)
    path.chmod(0o400)
    with pytest.raises(KeyFileError):
        KeyFile.load(path)


def test_a_default_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="not random"):
        KeyFile(tmp_path, b"0" * 32, {1: os.urandom(32)})


def test_rotation_adds_a_key_and_drops_only_old_ones(keyfile: KeyFile) -> None:
    both = keyfile.with_new_key()
    assert both.active == 2
    assert both.root == keyfile.root
    assert both.keys[1] == keyfile.keys[1]
    assert KeyFile.load(both.path) == both
    with pytest.raises(KeyFileError, match="cannot be dropped"):
        both.without_key(2)
    with pytest.raises(KeyFileError, match="cannot be dropped"):
        both.without_key(9)
    assert KeyFile.load(both.without_key(1).path).keys == {2: both.keys[2]}


@pytest.mark.parametrize(("act", "naming"), [("create", "link"), ("rotate", "rename")])
def test_the_file_is_on_disk_before_its_name_and_the_name_before_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, naming: str
) -> None:
    old = KeyFile.create(tmp_path / "portal.key")
    order: list[str] = []
    sync = os.fsync

    def fsync(handle: int) -> None:
        order.append("fsync folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "fsync file")
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    def watched(name: str) -> Callable[..., None]:
        real = getattr(os, name)

        def call(*names: object) -> None:
            order.append(name)
            real(*names)

        return call

    for name in ("link", "rename"):
        monkeypatch.setattr(os, name, watched(name))
    if act == "create":
        KeyFile.create(tmp_path / "other.key")
    else:
        old.with_new_key()
    assert order == ["fsync file", naming, "fsync folder"]


def test_a_failing_fsync_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(KeyFileError, match="cannot be written"):
        KeyFile.create(tmp_path / "portal.key")
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_left_beside_the_file_goes_with_the_next_writing(keyfile: KeyFile) -> None:
    left, young = (keyfile.path.parent / f".{keyfile.path.name}.{name}" for name in ("aa", "bb"))
    for path in (left, young):
        path.write_bytes(b"keys")
    os.utime(left, (0, 0))
    keyfile.with_new_key()
    assert not left.exists()
    assert young.exists(), "another process may be writing it"


def test_two_commands_at_the_same_moment_lose_no_key(keyfile: KeyFile) -> None:
    """Each adds to the file as it is, not as it was read before."""
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: keyfile.with_new_key(), range(16)))
    last = KeyFile.load(keyfile.path)
    assert sorted(last.keys) == list(range(1, 18))
    assert all(last.keys[one.active] == one.keys[one.active] for one in made)
