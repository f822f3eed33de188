"""A model of a disk whose power is cut: only what fsync was asked for survives. It watches the calls of one process."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


class Power:
    """Follows write, fsync, rename and mkdir; `lost` tells what a power cut now would take away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self._dirty: set[int] = set()
        self._unsure: set[str] = set()
        self.faults: list[str] = []
        for name in ("write", "fsync", "rename", "mkdir"):
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def lost(self, root: Path, path: Path) -> list[str]:
        """Why `path` would not be there, complete, after a power cut."""
        reasons = list(self.faults)
        if path.stat().st_ino in self._dirty:
            reasons.append("bytes")
        at = path
        while at != root:
            if str(at) in self._unsure:
                reasons.append(f"name of {'file' if at == path else 'folder'}")
            at = at.parent
        return reasons

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            answer = real(*args, **named)
            getattr(self, f"_after_{name}")(*args, **named)
            return answer

        return call

    def _after_write(self, handle: int, _: bytes) -> None:
        self._dirty.add(os.fstat(handle).st_ino)
        self.calls.append("write")

    def _after_fsync(self, handle: int) -> None:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            folder = _path(handle)
            self._unsure = {name for name in self._unsure if os.path.dirname(name) != folder}
            self.calls.append("fsync folder")
        else:
            self._dirty.discard(found.st_ino)
            self.calls.append("fsync file")

    def _after_rename(self, _: str, new: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        if os.stat(new, dir_fd=dst_dir_fd).st_ino in self._dirty:
            self.faults.append("named before its bytes were on disk")
        self._unsure.add(f"{_path(dst_dir_fd)}/{new}")
        self.calls.append("rename")

    def _after_mkdir(self, name: str, _: int = 0o777, *, dir_fd: int) -> None:
        self._unsure.add(f"{_path(dir_fd)}/{name}")


def _path(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")
