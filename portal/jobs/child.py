"""The inside of a bounded child process: loads one function, limits itself, answers calls until its input ends.

Run as a script, so that a child holds nothing but the room its function lives in: no app, no database, no keys.
A frame is a four-byte length, that much JSON `{"document": ..., "blobs": [sizes]}`, then the blobs one after the other.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import json
import os
import resource
import struct
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
#: Landlock: its three calls, the rights on files that its versions know, and those to read files and folders
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_READ_FILES, _READ_FOLDERS = 1 << 2, 1 << 3
_OF_SYSTEM = ("/proc/self", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu")
_NO_NEW_PRIVILEGES = 38
LENGTH = struct.Struct(">I")
Entry = Callable[[bytes, dict[str, Any]], tuple[dict[str, Any], list[bytes]]]


def packed(document: dict[str, Any], blobs: Sequence[bytes] = ()) -> list[bytes]:
    """One frame in pieces. TypeError or ValueError if the document is no JSON."""
    head = json.dumps({"document": document, "blobs": [len(blob) for blob in blobs]}, allow_nan=False).encode()
    return [LENGTH.pack(len(head)), head, *blobs]


def _receive(stream: BinaryIO) -> tuple[dict[str, Any], list[bytes]] | None:
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    head = json.loads(stream.read(LENGTH.unpack(length)[0]))
    return head["document"], [stream.read(size) for size in head["blobs"]]


def _load(entry: str) -> Entry:
    """The function of `package.module:function`. The package's own `__init__` is not run: it loads the whole app."""
    module_name, _, function_name = entry.partition(":")
    package = module_name.partition(".")[0]
    if package != module_name and (spec := importlib.util.find_spec(package)):
        sys.modules[package] = importlib.util.module_from_spec(spec)
    return getattr(importlib.import_module(module_name), function_name)


def _confine(memory_mb: int) -> None:
    """Memory on top of what is loaded by now; no core files, no writing of files."""
    with contextlib.suppress(OSError):  # a system without /proc has no memory limit here
        with open("/proc/self/statm", encoding="ascii") as numbers:
            loaded = int(numbers.read().split()[0]) * resource.getpagesize()
        limit = loaded + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _leave_network() -> bool:
    """Into a network of its own without any way out, where the system lets a process do so (Linux; who is not root
    needs a user namespace for it). Elsewhere it stays as it is, with no address to go to and nothing to tell: False."""
    with contextlib.suppress(OSError, AttributeError):
        wanted = _NEW_NETWORK if os.geteuid() == 0 else _NEW_USER | _NEW_NETWORK
        return bool(ctypes.CDLL(None).unshare(wanted) == 0)
    return False


def _see_only(folders: Sequence[str]) -> bool:
    """From now on open nothing but what lies in these folders, and that for reading: not the key file, not the
    database, not other processes; signal none. Where the kernel offers no Landlock (before Linux 5.13) it stays as it
    is: False."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        version = libc.syscall(_CREATE_RULESET, None, 0, 1)
        rights = max((bits for since, bits in _RIGHTS.items() if since <= version), default=0)
        if not rights:
            return False
        handled = struct.pack("QQQ", rights, 3, 3) if version >= 6 else struct.pack("Q", rights)
        rules = libc.syscall(_CREATE_RULESET, handled, len(handled), 0)
        try:
            for folder in folders:
                _allow_reading(libc, rules, folder)
            libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
        finally:
            os.close(rules)
    return False


def _allow_reading(libc: ctypes.CDLL, rules: int, path: str) -> None:
    with contextlib.suppress(OSError):  # one that is not there need not be seen
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            reading = _READ_FILES | (_READ_FOLDERS if os.path.isdir(path) else 0)
            libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", reading, handle), 0)
        finally:
            os.close(handle)


def _needed(entry: str) -> list[str]:
    """Where code, libraries and fonts are: of the portal only the package itself, never the folder it lies in, where a
    small installation keeps its database and keys."""
    spec = importlib.util.find_spec(entry.partition(":")[0].partition(".")[0])
    own = list(spec.submodule_search_locations or [spec.origin or ""]) if spec else []
    return [*own, sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", "/etc/fonts", "/etc/ld.so.cache", *_OF_SYSTEM]


def _give_way(nice: int) -> None:
    """Behind everything else of the server. Where the system schedules sessions, a process that is niced inside a
    session of its own gives way to nobody: the session itself must be."""
    niceness = os.nice(nice)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as session:
        session.write(str(niceness))


def _allow_cpu(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def _answer(function: Entry, request: dict[str, Any], payload: bytes) -> list[bytes]:
    try:
        document, blobs = function(payload, request["args"])
        return packed({"answer": document}, blobs)
    except Exception as error:
        # the place, not the text: an error's text may quote what was read
        frames = traceback.extract_tb(error.__traceback__)
        where = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}"
        return packed({"error": type(error).__name__, "where": where})


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, moved away from 0 and 1 so that nothing printed gets in between."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return incoming, outgoing


def main(entry: str, memory_mb: str, nice: str) -> None:
    """Serve calls until the input ends, which it also does when the parent is killed."""
    incoming, outgoing = _own_pipes()
    is_open = {"network": not _leave_network()}
    _give_way(int(nice))
    try:
        function = _load(entry)
    except Exception as error:
        outgoing.writelines(packed({"error": type(error).__name__, "where": entry}))
        return outgoing.close()
    _confine(int(memory_mb))
    is_open["files"] = not _see_only(_needed(entry))
    ready = packed({"answer": is_open})
    while True:
        outgoing.writelines(ready)
        outgoing.flush()
        if (frame := _receive(incoming)) is None:
            return None
        request, blobs = frame
        _allow_cpu(request["seconds"])
        ready = _answer(function, request, blobs[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
