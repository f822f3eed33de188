"""Where the seeds contradict each other a choice was made (domain 6): each that concerns entry, applications, evidence,
identity, the check of persons, deletion or seats is proved by a test that bears its number and quotes it."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]

#: the choices that concern these parts, in the words of the domain
CONCERN = {
    2: "not approved -> leader; approved -> authority (K9)",
    3: "two",
    4: "only inside problem treatment",
    7: "leader; registrar if authorised, never the applicant",
    8: "required on paper; upload default on",
    9: "role-specific; nobody reviews an own upload",
    10: "before: sheet pass; after: journal sign-off; authority sees, does not approve",
    17: "default list, editable",
    18: "two, second waivable with reason",
    19: "at least one guardian's number",
    20: "declared value; certificate flag optional",
    21: 'real state, senior stage "no" for the subsidy',
    23: "county; prefecture level warns",
    24: "never blank a known number; save as draft problem",
    28: "code required",
    29: "named seats inside the account (P10)",
    30: "teacher collects and checks per class, registrar receives per school",
    34: "operators; the registrar may do the same",
}
#: the others, and why they do not
OTHERS = {
    1: "class numbers come with the roster",
    5: "problem records are treated in the registry",
    6: "problem records are treated in the registry",
    11: "problem records are treated in the registry",
    12: "problem records are treated in the registry",
    13: "the scope of a round is frozen before anything is entered",
    14: "the scope of a round is frozen before anything is entered",
    15: "the comparison with the police is the ministry's",
    16: "what is counted, not what is entered",
    22: "the entry month comes with the roster; no family corrects it",
    25: "problem records are treated in the registry",
    26: "history only",
    27: "the political status comes with the roster; its default is the roster's",
    31: "problem records are treated in the registry",
    32: "history only",
    33: "how a family gets its account; what it sees of an application follows from the account",
}


def named() -> dict[int, list[str]]:
    """Number of a choice -> what the tests named after it say in their first words."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        for node in ast.parse(text).body if "def test_x" in text else ():
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_x"):
                number = node.name.removeprefix("test_x")[:2]
                if number.isdigit():
                    found.setdefault(int(number), []).append(" ".join((ast.get_docstring(node) or "").split()))
    return found


def test_every_choice_is_looked_at() -> None:
    assert sorted(CONCERN | OTHERS) == list(range(1, 35))
    assert not CONCERN.keys() & OTHERS.keys()


def test_every_choice_that_concerns_these_parts_has_a_test_that_quotes_it() -> None:
    tests = named()
    assert [number for number in CONCERN if number not in tests] == []
    unquoted = [n for n, quote in CONCERN.items() if not any(f'X{n}: "{quote}"' in text for text in tests[n])]
    assert unquoted == []
