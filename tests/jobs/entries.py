"""Functions that run in child processes during the tests: well-behaved and not."""

import os
import resource
import signal
import sys
import time
from typing import Any


def echo(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    return {"args": args, "size": len(payload), "pid": os.getpid()}, [payload, payload[::-1], b""]


def act(payload: bytes, args: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Whatever `args["do"]` names."""
    return {"did": ACTS[args["do"]](args), "pid": os.getpid()}, []


def spin(_: dict[str, Any]) -> None:
    while True:
        pass


def swallow_memory(args: dict[str, Any]) -> int:
    return len(bytearray(args["mb"] * 2**20))


def crash(_: dict[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def talk(_: dict[str, Any]) -> None:
    sys.stdout.write("to standard output\n")
    sys.stderr.write("to standard error\n")
    os.write(1, b"straight to the descriptor")


def write_file(args: dict[str, Any]) -> None:
    with open(args["path"], "wb") as file:
        file.write(b"x")


def surroundings(_: dict[str, Any]) -> dict[str, Any]:
    return {
        "environment": sorted(os.environ),
        "nice": os.nice(0),
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "modules": sorted(name for name in sys.modules if name in ("flask", "sqlalchemy", "portal.keys", "subprocess")),
        "handles": len(os.listdir("/proc/self/fd")),
    }


def open_files(args: dict[str, Any]) -> dict[str, str]:
    """What comes of opening each of these."""
    found = {}
    for path in args["paths"]:
        try:
            if os.path.isdir(path):
                os.listdir(path)
            else:
                with open(path, "rb") as file:
                    file.read(1)
            found[path] = "open"
        except OSError as error:
            found[path] = type(error).__name__
    return found


def signal_parent(_: dict[str, Any]) -> None:
    os.kill(os.getppid(), 0)


def network(_: dict[str, Any]) -> list[str]:
    """The network devices in sight."""
    with open("/proc/self/net/dev", encoding="ascii") as devices:
        return [line.partition(":")[0].strip() for line in devices if ":" in line]


ACTS = {
    "spin": spin,
    "sleep": lambda args: time.sleep(args["seconds"]),
    "swallow": swallow_memory,
    "crash": crash,
    "leave": lambda _: os._exit(3),
    "talk": talk,
    "raise": lambda args: int(args["text"]),
    "write": write_file,
    "look": surroundings,
    "network": network,
    "open": open_files,
    "signal": signal_parent,
    "strange": lambda _: {1, 2},
    "nothing": lambda _: None,
}
