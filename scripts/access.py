"""`make access`: the whole matrix of access, and what it found in docs/security.md.

Every route of `url_map` by every actor with every kind of object, then in every other form. Each answer is judged as
in `make test`; here nothing is left out. Two processes share the actors; each has a world of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from scripts import measured

PARTS = 2
#: statuses that open something
OPENING = range(200, 300)


def ask(part: int) -> dict[str, Any]:
    """The rows of every second actor; what was asked, what came, what is wrong."""
    from tests.access.alone import matrix
    from tests.access.forms import FORMS
    from tests.access.world import ACTORS

    counts, statuses, wrong = Counter[str](), Counter[str](), list[str]()
    began = time.process_time()
    with matrix() as whole:
        before = whole.door.digest()
        for actor in ACTORS[part::PARTS]:
            for n, row in enumerate(whole.rows(actor)):
                counts["plain"] += 1
                wrong += filter(None, [whole.fault(row)])
                name = list(FORMS)[n % len(FORMS)]  # each form meets every route and every actor, in turn
                if (n // len(FORMS) + n) % 9 == 0:
                    counts[name] += 1
                    wrong += filter(None, [FORMS[name](whole, row)])
        routes = len(whole.rules)
        if whole.door.digest() != before:
            wrong.append("something was written for good")
        requests, statuses = whole.door.requests, whole.door.statuses
    return {
        "routes": routes, "counts": counts, "wrong": wrong, "requests": requests, "statuses": statuses,
        "seconds": round(time.process_time() - began),
    }  # fmt: skip


def table(found: list[dict[str, Any]], seconds: float) -> str:
    """The figures as they stand in the document."""
    from tests.access.rows import NEVER
    from tests.access.world import ACTORS, HOMES

    counts, statuses = Counter[str](), Counter[str]()
    for one in found:
        counts.update(one["counts"])
        statuses.update(one["statuses"])
    wrong = [fault for one in found for fault in one["wrong"]]
    objects = ", ".join((*HOMES, "a classmate's", "an own one beside a foreign one", NEVER))
    lines = [
        "| what | figure |", "| --- | --- |",
        f"| routes and methods (`url_map`) | {found[0]['routes']} |",
        f"| actors | {len(ACTORS)}: {', '.join(ACTORS)} |",
        f"| objects | {objects} |",
        f"| rows | {counts['plain']:,} as they are, {sum(counts.values()) - counts['plain']:,} in other forms "
        f"({', '.join(name for name in sorted(counts) if name != 'plain')}) |",
        f"| requests | {sum(one['requests'] for one in found):,} |",
        f"| answers | {', '.join(f'{status}: {n:,}' for status, n in sorted(statuses.items()))} |",
        f"| unexpected answers | **{len(wrong)}** |",
        f"| time | {seconds:.0f} s, of which {sum(one['seconds'] for one in found)} s of processor |",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> int:
    """0: nothing unexpected; 1: something is; 2: a part did not come to its end."""
    began = time.monotonic()
    command = [sys.executable, "-m", "scripts.access"]
    parts = [subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, text=True) for n in range(PARTS)]
    said = [part.communicate()[0] for part in parts]
    if any(part.returncode for part in parts):
        print(f"a part ended with {[part.returncode for part in parts]}", file=sys.stderr)
        return 2
    found = [json.loads(text.splitlines()[-1]) for text in said]
    shown = table(found, time.monotonic() - began)
    print(shown)
    measured.write("access-matrix", shown)
    wrong = [fault for one in found for fault in one["wrong"]]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ask(int(sys.argv[1]))))
        sys.exit(0)
    sys.exit(main())
