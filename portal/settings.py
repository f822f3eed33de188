"""Typed settings from the environment. Nothing unsafe has a default in production."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from portal import unsafe

ROOT = Path(__file__).resolve().parent.parent
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class BadSettings(Exception):
    """A setting is missing or unsafe; the text says which and what to do."""


@dataclass(frozen=True)
class Settings:
    """Each field is read from the environment variable of the same name in capitals, with `PORTAL_` before it
    except `DATABASE_URL` and `STORAGE_URL`."""

    #: SQLAlchemy address of the database; empty = SQLite in `var/portal.db`
    database_url: str = ""
    #: `file:///folder` or `s3://bucket/prefix?endpoint=...`; empty = `uploads/`
    storage_url: str = ""
    #: folder of the embedded default: database, spool, key file
    var: str = str(ROOT / "var")
    #: path of the key file, outside the database and its backups; empty = `var/keys.json`
    key_file: str = ""
    #: folder of the anchors of the history, best one that another person controls; empty = `var/anchors`
    anchors: str = ""
    #: address that families type and scan, without a slash at the end
    base_url: str = "http://127.0.0.1:8000"
    #: "1" behind an HTTPS proxy: secure cookies, HSTS, forwarded headers of one hop are believed
    https: bool = False
    #: the address this proxy connects from: of whoever else connects, forwarded headers are thrown away
    proxy: str = "127.0.0.1"
    #: "1" for the demo and the tests: divisions 97-99 exist
    trial: bool = False
    #: reading processes per server process
    readers: int = 1
    #: megabytes one reading process may use
    reader_memory_mb: int = 900
    #: the largest request body, in megabytes
    max_upload_mb: int = 24
    #: minutes after which an unused sign-in of staff ends; typing counts as use
    idle_minutes: int = 15
    #: the same for families, who put the phone down between two papers
    idle_family_minutes: int = 120
    #: hours after which everybody signs in anew
    absolute_hours: int = 12
    #: who needs a second step: "authorities", "schools" (with them) or "everybody" of staff; a trial also has "nobody"
    second_step: str = ""
    #: full records that one person of a school may look at in a day before giving a reason
    views_school: int = 300
    #: the same for authorities
    views_authority: int = 50
    #: "dengbao": five wrong passwords make an account wait for 15 minutes at once
    profile: str = ""

    @property
    def database(self) -> str:
        """The address SQLAlchemy gets; PostgreSQL always through psycopg 3."""
        url = self.database_url or f"sqlite:///{Path(self.var).resolve() / 'portal.db'}"
        for old in ("postgres://", "postgresql://"):
            if url.startswith(old):
                return "postgresql+psycopg://" + url.removeprefix(old)
        return url

    @property
    def storage(self) -> str:
        """The address of the blob store."""
        return self.storage_url or f"file://{(ROOT / 'uploads').resolve()}"

    @property
    def second_step_for(self) -> str:
        """Who needs a second step where no authority asks for more; nobody in a trial that says nothing."""
        return self.second_step or ("nobody" if self.trial else "authorities")

    @property
    def anchor_folder(self) -> Path:
        """Where the anchors of the history are appended."""
        return Path(self.anchors) if self.anchors else Path(self.var) / "anchors"

    @property
    def keys(self) -> Path:
        """The key file."""
        return Path(self.key_file) if self.key_file else Path(self.var) / "keys.json"


def variable(name: str) -> str:
    """The environment variable of a field."""
    return name.upper() if name in ("database_url", "storage_url") else f"PORTAL_{name.upper()}"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; raises `BadSettings` with one clear sentence."""
    given: dict[str, object] = {}
    for field in fields(Settings):
        text = environment.get(variable(field.name), "").strip()
        if text:
            given[field.name] = _typed(field.name, str(field.type), text)
    settings = Settings(**given)  # type: ignore[arg-type]
    if (refused := unsafe.reason(settings, environment)) is not None:
        raise BadSettings(refused)
    return settings


def _typed(name: str, kind: str, text: str) -> object:
    if kind == "bool":
        if text.lower() not in _ON + _OFF:
            raise BadSettings(f"{variable(name)} must be 1 or 0, not {text!r}")
        return text.lower() in _ON
    if kind == "int":
        if not text.isascii() or not text.isdigit():
            raise BadSettings(f"{variable(name)} must be a whole number, not {text!r}")
        return int(text)
    return text
