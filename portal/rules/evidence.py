"""Evidence files: which kinds are taken (R81)."""

from portal.rules.codes import table
from portal.rules.problems import Problem, problem

FORMATS = table("evidence_file_format").offered


def check_file_name(name: str, formats: frozenset[str] = FORMATS) -> list[Problem]:
    """R81: the ending of the name is DOC, RAR or JPG in either case; a province may settle other `formats`."""
    _, dot, ending = name.rpartition(".")
    if not dot or not ending:
        return [problem("R81.none")]
    return [] if ending.upper() in formats else [problem("R81", found=ending.upper())]
