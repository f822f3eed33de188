"""A server process gives the memory of large uploads back."""

from __future__ import annotations

import subprocess
import sys

UPLOADS = """
import threading
from portal.commands import memory

def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 // 2**20

def upload():
    for size in (19, 18, 20, 17):
        photo = bytearray(size * 2**20)
        photo[::4096] = b"x" * len(photo[::4096])
        kept.append(bytes(100))

kept = []
{begin}
first = held()
threads = [threading.Thread(target=upload) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(held() - first)
"""


def grown_mb(begin: str) -> int:
    code = UPLOADS.replace("{begin}", begin)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)


def test_what_uploads_took_goes_back_to_the_machine() -> None:
    """100 bombs of 20 MB leave a web process as large as before (issue 6: less than 50 MB)."""
    assert grown_mb("memory.give_back()") < 10
