"""`portal serve` of the product as it is, or broken in one known way: `PORTAL_FAULT` names it.

    python -m tests.faults.server serve --port N

A broken server shows that a test of this folder can fail. Only tests start this; the product knows nothing of it.
Called `nursery`, it loads everything once and then makes one server after the other by fork, each in a session of its
own: a line `{"arguments", "environment", "log"}` is answered with its process id, a line `{"ended": id}` with its exit
code or null.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import signal
import socket
import stat
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import event

import portal.commands
from portal import building
from portal.files import LocalStore
from portal.files.chunks import measure
from portal.jobs.children import Children
from portal.services import photos, readings


def as_it_is() -> None:
    """The product."""


def row_first() -> None:
    """The row is committed, then its file is written."""
    late, receive = threading.local(), photos.receive

    def put(scope: str, data: bytes, key: bytes, number: int) -> Any:
        late.arguments = (scope, data, key, number)
        return measure(io.BytesIO(data), scope, key)

    def received(*arguments: Any, **named: Any) -> Any:
        photo = receive(*arguments, **named)
        time.sleep(0.01)  # between two disk operations of a busy machine
        photos.store().put(*late.arguments)
        return photo

    photos.put, photos.receive = put, received


def answer_early() -> None:
    """The receipt is told while the photo is still to be stored."""
    from flask import current_app

    from portal.models import Sheet, db, key_for
    from portal.models.data_keys import scope_of
    from portal.services.receipt_numbers import free_receipt

    take_in = readings.take_in

    def later(app: Any, sheet_id: Any, data: bytes, sender: Any) -> None:
        time.sleep(0.05)
        with app.app_context():
            take_in(db.session.get_one(Sheet, sheet_id), data, sender)

    def told(sheet: Any, data: bytes, sender: Any) -> str:
        scope = sheet.school_id, sheet.round_id
        _number, key = key_for(*scope)
        receipt = free_receipt(sheet.id, measure(io.BytesIO(data), scope_of(*scope), key).address)
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        arguments = (app, sheet.id, data, sender)
        db.session.commit()
        threading.Thread(target=later, args=arguments, daemon=True).start()
        return receipt

    readings.take_in = told


def _fsync_only(wanted: Callable[[int], bool]) -> None:
    fsync = os.fsync

    def chosen(handle: int) -> None:
        if wanted(os.fstat(handle).st_mode):
            fsync(handle)

    os.fsync = chosen  # type: ignore[assignment]


def no_file_fsync() -> None:
    """Files get their name without having been written to the disk."""
    _fsync_only(stat.S_ISDIR)


def no_folder_fsync() -> None:
    """Names of files are not written to the disk."""
    _fsync_only(lambda mode: not stat.S_ISDIR(mode))


def deaf_fsync() -> None:
    """A disk that says it could not write is not listened to."""
    fsync = os.fsync

    def deaf(handle: int) -> None:
        try:
            fsync(handle)
        except OSError:
            return

    os.fsync = deaf  # type: ignore[assignment]


def normal_sync() -> None:
    """SQLite answers a commit before it is on the disk (synchronous=NORMAL)."""
    guard = building.guard_sqlite

    def guarded(engine: Any) -> None:
        guard(engine)
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=NORMAL"))

    building.guard_sqlite = guarded  # type: ignore[attr-defined]


def litter() -> None:
    """A file that could not be written to its end stays; what is nearly full is not asked for."""
    unlink, room = os.unlink, LocalStore.has_room
    os.unlink = lambda path, **more: None if "dir_fd" in more else unlink(path, **more)
    LocalStore.has_room = lambda self: room(self) or True  # type: ignore[method-assign]


def forgetful() -> None:
    """The same bytes sent again are stored again."""
    put = photos.put
    photos.put = lambda scope, data, key, number: put(scope, data + os.urandom(8), key, number)


FAULTS = {
    "": as_it_is,
    "row first": row_first,
    "answer early": answer_early,
    "no file fsync": no_file_fsync,
    "no folder fsync": no_folder_fsync,
    "deaf fsync": deaf_fsync,
    "normal sync": normal_sync,
    "litter": litter,
    "forgetful": forgetful,
}


#: what a server loads before its first answer
ROOMS = (
    "portal.web",
    "portal.parents",
    "portal.teachers",
    "portal.staff",
    "portal.services.work",
    "waitress",
    "boto3",
    "psycopg",
)


def without_readers() -> None:
    """Photos are stored and not read: a server that starts dozens of times does not load the picture libraries."""
    Children.warm = lambda self: None  # type: ignore[method-assign]
    Children.has_room = lambda self, line: False  # type: ignore[method-assign]
    readings.read_waiting = lambda limit=20: 0  # type: ignore[assignment]


def serve(arguments: list[str]) -> int:
    """The command line of the product, on the product as it is or as the environment says; or the worker of
    `tests.faults.jobs`."""
    if arguments[0] == "jobs":
        from tests.faults.jobs import work

        return work(*arguments[1:])
    FAULTS[os.environ.get("PORTAL_FAULT", "")]()
    if not os.environ.get("PORTAL_FAULT_READING"):
        without_readers()
    return portal.commands.main(arguments)


def nursery() -> int:
    """Until the input ends, or the parent does."""
    for room in ROOMS:
        importlib.import_module(room)
    codes: dict[int, int | None] = {}
    born = 0
    for line in sys.stdin:
        asked = json.loads(line)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                codes[ended[0]] = os.waitstatus_to_exitcode(ended[1])
        if "listener" in asked:
            _listening(asked["listener"])  # the parent's, so that all its children have it
        if "ended" not in asked:
            born = _born(asked)
            codes[born] = None  # an old process may have had the same number
        told = codes.get(asked["ended"]) if "ended" in asked else born
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
    for group in (pid for pid, code in codes.items() if code is None):  # the tests are over, or were killed
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    return 0


@cache
def _listening(port: int) -> socket.socket:
    """A port that stays open while servers come and go, as a service manager keeps it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def _born(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    log = os.open(asked["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, handle in enumerate((nothing, log, log)):
        os.dup2(handle, number)
    os.environ.update(asked["environment"])
    if listener := asked.get("listener"):
        os.dup2(_listening(listener).fileno(), 3)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    try:
        os._exit(serve(asked["arguments"]))
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    sys.exit(nursery() if sys.argv[1:] == ["nursery"] else serve(sys.argv[1:]))
