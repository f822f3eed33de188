"""What routes are sent, so that a request gets as far as the question whose thing it is.

`[kind]` stands for the thing of a home (tests/access/things.py).
"""

from __future__ import annotations

Sent = dict[str, str]

#: endpoint -> which thing of a kind its address names, where the usual one is not enough; or another filler
ALIASES: dict[str, dict[str, str]] = {
    "parents.document_picture": {"evidence_id": "evidence_id child"},
    "parents.document_remove": {"evidence_id": "evidence_id child"},
    "staff.evidence_picture": {"evidence_id": "evidence_id child"},
}
#: endpoint -> forms
BODIES: dict[str, Sent | list[Sent]] = {}
#: endpoint -> what stands behind the question mark
ARGUMENTS: dict[str, Sent | list[Sent]] = {}
