"""A disk of our own whose power can be cut, and a small one that can be full. Both need root and loop devices."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

#: `FS_IOC_SHUTDOWN`, and "without writing the journal out": what a cut of the power leaves of ext4
_SHUTDOWN, _WITHOUT_FLUSH = 0x8004587D, struct.pack("I", 2)
PREFIX = "portal-faults-"


class NoVolume(Exception):
    """Why there can be none here, in words for the person who runs the tests."""


class Volume:
    """A file system below `at`; leaving it unmounts it and removes its file."""

    def __init__(self, megabytes: int, folder: Path, in_memory: bool = False) -> None:
        """NoVolume without root, without mkfs.ext4 or where mounting is forbidden."""
        if os.geteuid() != 0:
            raise NoVolume("only root may mount a file system")
        self._image, self.at, self._in_memory = folder / "disk.img", folder / "disk", in_memory
        self._folder = folder
        self.at.mkdir(parents=True)
        if in_memory:
            self._mount("-t", "tmpfs", "-o", f"size={megabytes}m", "none")
            return
        if not shutil.which("mkfs.ext4"):
            raise NoVolume("mkfs.ext4 is not installed")
        with self._image.open("wb") as image:
            image.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(self._image))
        self._mount("-o", "loop", str(self._image))
        self.at.chmod(0o755)

    def __enter__(self) -> Volume:
        return self

    def __exit__(self, *_: object) -> None:
        self._unmount()
        self._image.unlink(missing_ok=True)
        self.at.rmdir()

    def written(self) -> None:
        """All that was put there so far is on the disk."""
        _run("sync", "-f", str(self.at))

    def cut(self) -> None:
        """The power goes: from now on nothing is written, and what was not on the disk is gone."""
        handle = os.open(self.at, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _WITHOUT_FLUSH)
        finally:
            os.close(handle)

    def again(self) -> None:
        """The power is back; all processes that used the disk must be gone."""
        self._unmount()
        self._mount("-o", "loop", str(self._image))

    def _mount(self, *arguments: str) -> None:
        try:
            _run("mount", *arguments, str(self.at))
        except (OSError, subprocess.CalledProcessError) as error:
            raise NoVolume("mounting a file system is not allowed here") from error

    def _unmount(self) -> None:
        for _ in range(200):
            with contextlib.suppress(subprocess.CalledProcessError):
                return _run("umount", str(self.at))
            time.sleep(0.05)
        _run("umount", "-l", str(self.at))
        raise AssertionError("something still uses the disk")


def new_folder() -> Path:
    """A folder any user may enter; its name tells who made it, for `sweep`."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)
    return folder


def sweep() -> None:
    """Take away what tests that were killed have left: mounted file systems, then folders."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            for disk in folder.rglob("disk"):
                if disk.is_mount():
                    _run("umount", "-l", str(disk))
            shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
