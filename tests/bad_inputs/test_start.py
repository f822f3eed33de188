"""A start with unsafe settings is refused: exit status 1 and one line that says which setting it is (sec-A49)."""

from __future__ import annotations

import base64
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portal import settings, unsafe
from portal.commands import main, serve
from portal.keys import KeyFile, keyfile

GOOD = {
    "PORTAL_HTTPS": "1",
    "PORTAL_BASE_URL": "https://xueji.example",
    "PORTAL_KEY_FILE": "{keys}/keys.json",
    "PORTAL_VAR": "{var}",
    "STORAGE_URL": "file://{var}/files",
    "DATABASE_URL": "postgresql://portal:secret@/portal",
}
FAR = "postgresql://portal:secret@db.example/portal"
#: what is changed of good settings (None: left out) -> what the line names
BAD: dict[str, tuple[dict[str, str | None], str]] = {
    "http with a real address": ({"PORTAL_HTTPS": None, "PORTAL_BASE_URL": "http://xueji.example"}, "PORTAL_BASE_URL"),
    "a name that begins like this machine": (
        {"PORTAL_HTTPS": None, "PORTAL_BASE_URL": "http://127.0.0.1.evil.example"},
        "PORTAL_BASE_URL",
    ),
    "https address without the switch": ({"PORTAL_HTTPS": None}, "PORTAL_HTTPS"),
    "the switch without an https address": ({"PORTAL_BASE_URL": "http://xueji.example"}, "PORTAL_BASE_URL"),
    "a switch that is misspelt": ({"PORTAL_HTTPS": "ture"}, "PORTAL_HTTPS"),
    "a setting that is misspelt": ({"PORTAL_PROXI": "10.0.0.1"}, "PORTAL_PROXI"),
    "any proxy is believed": ({"PORTAL_PROXY": "*"}, "PORTAL_PROXY"),
    "an address with a path": ({"PORTAL_BASE_URL": "https://xueji.example/portal/"}, "PORTAL_BASE_URL"),
    "an address with a password": ({"PORTAL_BASE_URL": "https://a:b@xueji.example"}, "PORTAL_BASE_URL"),
    "no address": ({"PORTAL_BASE_URL": "https://"}, "PORTAL_BASE_URL"),
    "debugging": ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    "made-up pupils for real": ({"PORTAL_TRIAL": "1"}, "PORTAL_TRIAL"),
    "no place for the keys": ({"PORTAL_KEY_FILE": None}, "PORTAL_KEY_FILE"),
    "no key file there": ({"PORTAL_KEY_FILE": "{keys}/none.json"}, "no key file"),
    "keys beside the database": ({"PORTAL_KEY_FILE": "{var}/keys.json"}, "PORTAL_VAR"),
    "keys inside the store": ({"PORTAL_KEY_FILE": "{keys}/keys.json", "STORAGE_URL": "file://{keys}"}, "store"),
    "keys among the programs": ({"PORTAL_KEY_FILE": "/usr/local/etc/portal/keys.json"}, "PORTAL_KEY_FILE"),
    "database among the programs": ({"PORTAL_VAR": f"{sys.prefix}/var"}, "PORTAL_VAR"),
    "store inside what is served": ({"STORAGE_URL": f"file://{unsafe.CODE}/static/uploads"}, "STORAGE_URL"),
    "database inside what is served": ({"PORTAL_VAR": f"{unsafe.CODE}/static"}, "PORTAL_VAR"),
    "a database far away without TLS": ({"DATABASE_URL": FAR}, "sslmode"),
    "TLS that checks nothing": ({"DATABASE_URL": f"{FAR}?sslmode=require"}, "sslmode"),
    "one of two databases far away": ({"DATABASE_URL": "postgresql:///portal?host=/run/pg,db.example"}, "sslmode"),
    "a database named by the environment": ({"PGHOST": "db.example"}, "sslmode"),
    "another kind of database": ({"DATABASE_URL": "mysql://db.example/portal"}, "DATABASE_URL"),
    "a store far away without TLS": ({"STORAGE_URL": "s3://b/p?endpoint=http://store.example"}, "STORAGE_URL"),
    "no readers": ({"PORTAL_READERS": "0"}, "PORTAL_READERS"),
    "a folder others may look into": ({"PORTAL_VAR": "{open}"}, "PORTAL_VAR"),
    "a file for a folder": ({"PORTAL_VAR": "{open}/file"}, "PORTAL_VAR"),
}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Folders as an operator should have them, and one that is open to others."""
    for name, mode in (("keys", 0o700), ("var", 0o700), ("open", 0o755)):
        (tmp_path / name).mkdir(mode=mode)
    (tmp_path / "open").chmod(0o755)
    (tmp_path / "open" / "file").touch()
    KeyFile.create(tmp_path / "keys" / "keys.json")
    KeyFile.create(tmp_path / "var" / "keys.json")
    return {name: str(tmp_path / name) for name in ("keys", "var", "open")}


def environment(places: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    return {name: text.format(**places) for name, text in (GOOD | changes).items() if text is not None}


def started(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], capsys: Any) -> str:
    """The one line on standard error after a start that must fail."""
    for name in [name for name in os.environ if name.startswith(("PORTAL_", "PG")) or name in GOOD]:
        monkeypatch.delenv(name)
    for name, text in given.items():
        monkeypatch.setenv(name, text)
    assert main(["database", "upgrade"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    line, end, rest = told.err.partition("\n")
    assert (end, rest) == ("\n", ""), "one line"
    assert "secret" not in line
    return str(line)


def test_good_settings_are_taken(places: dict[str, str]) -> None:
    for changes in ({}, {"DATABASE_URL": f"{FAR}?sslmode=verify-full"}, {"DATABASE_URL": "sqlite:////srv/portal.db"}):
        assert settings.load(environment(places, changes)).https  # type: ignore[arg-type]
    assert not settings.load({"PORTAL_BASE_URL": "http://localhost:8000", "PORTAL_SPELT_WRONG": "1"}).https


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_are_refused_in_one_line(
    case: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, named = BAD[case]
    line = started(monkeypatch, environment(places, changes), capsys)
    assert line.startswith("portal: ")
    assert named in line


def _short(document: dict[str, Any]) -> None:
    document["keys"][0] = _key(os.urandom(16))


def _equal(document: dict[str, Any]) -> None:
    document["keys"][0] |= document["root"]


def _key(secret: bytes) -> dict[str, Any]:
    return {"id": 1, "key": base64.b64encode(secret).decode(), "check": keyfile.check_value(secret)}


SPOILT: dict[str, Callable[[dict[str, Any]], None]] = {
    "a key of 16 bytes": _short,
    "one key for two purposes": _equal,
    "a key of zeros": lambda document: document.update(root=_key(b"\0" * 32)),
    "a key somebody typed": lambda document: document.update(root=_key(b"please-change-this-secret-key!!!")),
    "a key that was damaged": lambda document: document["root"].update(check="0" * 16),
    "no wrapping key": lambda document: document.update(keys=[]),
    "another form": lambda document: document.update(format=2),
}


@pytest.mark.parametrize("case", SPOILT)
def test_bad_keys_are_refused_in_one_line(
    case: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(places["keys"]) / "keys.json"
    document = json.loads(path.read_bytes())
    SPOILT[case](document)
    path.chmod(0o600)
    path.write_text(json.dumps(document))
    path.chmod(0o400)
    line = started(monkeypatch, environment(places, {}), capsys)
    assert "keys.json" in line
    assert not any(entry["key"] in line for entry in (document["root"], *document["keys"]))


@pytest.mark.parametrize("mode", [0o404, 0o440, 0o660, 0o666])
def test_a_key_file_of_others_is_refused(
    mode: int, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(places["keys"]) / "keys.json").chmod(mode)
    assert "mode" in started(monkeypatch, environment(places, {}), capsys)


def test_sqlite_on_a_network_disk_is_refused(places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = Path(places["var"]) / "mounts"
    mounts.write_text(f"root / ext4 rw 0 0\nfar:/srv {places['keys']} nfs4 rw 0 0\n")
    monkeypatch.setattr(unsafe, "_MOUNTS", mounts)
    near = environment(places, {"DATABASE_URL": "sqlite:///{var}/portal.db"})
    assert settings.load(near).https
    with pytest.raises(settings.BadSettings, match="nfs4"):
        settings.load(near | {"DATABASE_URL": f"sqlite:///{places['keys']}/portal.db"})


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.0.2.7", "xueji.example"])
def test_without_https_only_this_machine_is_served(host: str) -> None:
    app: Any = SimpleNamespace(extensions={"portal.settings": settings.Settings()})
    with pytest.raises(settings.BadSettings, match="without PORTAL_HTTPS"):
        serve.serve(Namespace(host=host), app)
