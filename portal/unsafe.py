"""What a start is refused for: settings that would show, lose or mix up the data of children (sec-A49).

Each check gives one sentence that says what is wrong and what to do, or None. Checks of production hold with
PORTAL_HTTPS; whatever is not production has no address but the machine's own.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from portal.settings import Settings

Environment = Mapping[str, str]
Check = Callable[["Settings", Environment], str | None]

#: the code, and with it everything that is served as it stands
CODE = Path(__file__).resolve().parent
_AT_LEAST_ONE = (
    "readers",
    "reader_memory_mb",
    "max_upload_mb",
    "idle_minutes",
    "idle_family_minutes",
    "absolute_hours",
    "views_school",
    "views_authority",
)
_NETWORK_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.s3fs"}
#: what reading processes may open besides the portal itself
_OF_PROGRAMS = ("/usr", "/lib", "/lib64", sys.prefix, sys.base_prefix)
_MOUNTS = Path("/proc/mounts")


def reason(settings: Settings, environment: Environment) -> str | None:
    """Why these settings are refused, in one line; None if they are not."""
    checks = _ALWAYS + (_IN_PRODUCTION if settings.https else _ON_ONE_MACHINE)
    return next((found for check in checks if (found := check(settings, environment))), None)


def is_here(host: str | None) -> bool:
    """Is this the machine itself: no name, a socket's folder, a loopback address?"""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(address: str) -> SplitResult | None:
    try:
        url = urlsplit(address)
        _ = url.port
        return url
    except ValueError:
        return None


def _numbers(settings: Settings, _environment: Environment) -> str | None:
    for name in _AT_LEAST_ONE:
        if getattr(settings, name) < 1:
            return f"PORTAL_{name.upper()} must be at least 1"
    return None


def _proxy(settings: Settings, _environment: Environment) -> str | None:
    try:
        ip_address(settings.proxy)
    except ValueError:
        return f"PORTAL_PROXY must be one IP address, not {settings.proxy!r}"
    return None


def _sign_ins(settings: Settings, _environment: Environment) -> str | None:
    if settings.second_step not in ("", "authorities", "schools", "everybody", "nobody"):
        return "PORTAL_SECOND_STEP must be authorities, schools or everybody"
    if settings.second_step == "nobody" and not settings.trial:
        return "PORTAL_SECOND_STEP=nobody is for trials only: the authorities need a second step"
    if settings.profile not in ("", "dengbao"):
        return "PORTAL_PROFILE must be dengbao or nothing"
    return None


def _debugging(_settings: Settings, environment: Environment) -> str | None:
    for name in ("FLASK_DEBUG", "WERKZEUG_DEBUG_PIN"):
        if environment.get(name, "").strip().lower() not in ("", "0", "false", "no"):
            return f"{name} is set: a page of the debugger shows whatever is in memory; unset it"
    return None


def _base_url(settings: Settings, _environment: Environment) -> str | None:
    url = _split(settings.base_url)
    if url is None or url.scheme not in ("http", "https") or not url.hostname:
        return "PORTAL_BASE_URL must be an address such as https://xueji.example"
    if "@" in url.netloc or url.path or url.query or url.fragment:
        return "PORTAL_BASE_URL must be scheme, host and port only, without a slash at the end"
    return None


def _kind_of_database(settings: Settings, _environment: Environment) -> str | None:
    if settings.database.startswith(("sqlite:///", "postgresql+psycopg://")):
        return None
    return "DATABASE_URL must begin with postgresql:// or sqlite:///"


def _folders(settings: Settings, _environment: Environment) -> str | None:
    files, var = _local_store(settings), Path(settings.var).resolve()
    for name, folder in (("STORAGE_URL", files), ("PORTAL_VAR", var)):
        if folder is not None and folder.is_relative_to(CODE):
            return f"{name} is inside the program, whose files are served as they stand; choose a folder of its own"
    if files is not None and settings.keys.resolve().is_relative_to(files):
        return "PORTAL_KEY_FILE is inside the store, so every backup of the store would hold the keys; keep it apart"
    return None


def _real_address(settings: Settings, _environment: Environment) -> str | None:
    url = urlsplit(settings.base_url)
    if url.scheme == "http" and is_here(url.hostname):
        return None
    return "PORTAL_BASE_URL is a real address: put an HTTPS proxy in front and set PORTAL_HTTPS=1"


def _https_address(settings: Settings, _environment: Environment) -> str | None:
    if settings.base_url.startswith("https://"):
        return None
    return "PORTAL_HTTPS is on, so PORTAL_BASE_URL must start with https://"


def _no_trial(settings: Settings, _environment: Environment) -> str | None:
    if settings.trial:
        return "PORTAL_TRIAL is for made-up pupils only; it cannot be on together with PORTAL_HTTPS"
    return None


def _keys_apart(settings: Settings, _environment: Environment) -> str | None:
    if not settings.key_file:
        return "PORTAL_KEY_FILE must be set: the key file is kept apart from database and store"
    if settings.keys.resolve().is_relative_to(Path(settings.var).resolve()):
        return "PORTAL_KEY_FILE is inside PORTAL_VAR, next to the database it protects; keep it apart"
    return None


def _out_of_reach(settings: Settings, _environment: Environment) -> str | None:
    """Processes that open files from outside may read what is beside programs and libraries (`jobs/child.py`)."""
    kept = {"PORTAL_KEY_FILE": settings.keys, "PORTAL_VAR": Path(settings.var), "STORAGE_URL": _local_store(settings)}
    for name, path in kept.items():
        if path is not None and any(path.resolve().is_relative_to(folder) for folder in _OF_PROGRAMS):
            return f"{name} is among the programs, where processes that read photos may look; choose another folder"
    return None


def _private_folder(settings: Settings, _environment: Environment) -> str | None:
    try:
        mode = os.stat(settings.var).st_mode
    except FileNotFoundError:
        return None  # it is made with mode 0700
    except OSError as error:
        return f"PORTAL_VAR cannot be used: {error.strerror}"
    if not stat.S_ISDIR(mode):
        return "PORTAL_VAR is not a folder"
    if stat.S_IMODE(mode) & 0o077:
        return "other users may look into PORTAL_VAR: set its mode to 0700"
    return None


def _database_wire(settings: Settings, environment: Environment) -> str | None:
    """Between two machines only with TLS and the server's certificate and name checked."""
    url = _split(settings.database)
    if url is None:
        return "DATABASE_URL cannot be read"
    if url.scheme == "sqlite":
        return None
    options = parse_qs(url.query)
    hosts = [url.hostname, *(host.split(":")[0] for text in options.get("host", []) for host in text.split(","))]
    hosts = [unquote(host) for host in hosts if host] or [environment.get("PGHOST")]
    hosts += options.get("hostaddr", [])
    mode = options.get("sslmode", [environment.get("PGSSLMODE", "")])[-1]
    if mode == "verify-full" or all(is_here(host) for host in hosts):
        return None
    return "DATABASE_URL leads to another machine without TLS that is checked: add ?sslmode=verify-full"


def _sqlite_disk(settings: Settings, _environment: Environment) -> str | None:
    if not settings.database.startswith("sqlite:"):
        return None
    kind = _disk_of(Path(settings.database.removeprefix("sqlite:///").partition("?")[0]).resolve())
    if kind in _NETWORK_DISKS:
        return f"the SQLite database is on a network disk ({kind}), where its locks do not hold; use PostgreSQL"
    return None


def _disk_of(path: Path) -> str:
    """The kind of file system a path is on; empty where the machine does not tell."""
    found = ("", "")
    for mount, kind in _mounts():
        if path.is_relative_to(mount) and len(mount) >= len(found[0]):
            found = (mount, kind)
    return found[1]


def _mounts() -> Iterator[tuple[str, str]]:
    try:
        lines = _MOUNTS.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split()
        if len(words) > 2:
            yield words[1].replace("\\040", " "), words[2]


def _store_wire(settings: Settings, _environment: Environment) -> str | None:
    url = _split(settings.storage)
    endpoint = parse_qs(url.query).get("endpoint", [""])[-1] if url else ""
    if endpoint.startswith("http://") and not is_here(urlsplit(endpoint).hostname):
        return "STORAGE_URL leads to another machine without TLS: its endpoint must begin with https://"
    return None


def _known_names(settings: Settings, environment: Environment) -> str | None:
    known = {f"PORTAL_{name.upper()}" for name in vars(settings)}
    unknown = sorted(name for name in environment if name.startswith("PORTAL_") and name not in known)
    return f"{unknown[0]} is no setting of the portal: is it misspelt?" if unknown else None


def _local_store(settings: Settings) -> Path | None:
    url = _split(settings.storage)
    return Path(unquote(url.path)).resolve() if url and url.scheme == "file" else None


_ALWAYS: tuple[Check, ...] = (_numbers, _proxy, _sign_ins, _debugging, _base_url, _kind_of_database, _folders)
_ON_ONE_MACHINE: tuple[Check, ...] = (_real_address,)
_IN_PRODUCTION: tuple[Check, ...] = (
    _https_address,
    _no_trial,
    _known_names,
    _keys_apart,
    _out_of_reach,
    _private_folder,
    _database_wire,
    _sqlite_disk,
    _store_wire,
)
