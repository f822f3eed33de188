"""One line of the log: JSON, on one line whatever it holds, without numbers that name a person (sec-A32)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

LONGEST = 4000
#: ID, student and card numbers and mobile phones, also with blanks or dashes between and in full width
_NUMBER = re.compile(r"(?<!\d)\d(?:[ \-.－]?\d){10,}(?:[ \-]?[XxＸｘ])?")


def without_numbers(text: str) -> str:
    """The text with stars in the place of every digit of a run of 11 or more."""
    return _NUMBER.sub(lambda found: re.sub(r"[\dXxＸｘ]", "*", found[0]), text)


def log_line(level: str, logger: str, text: str, moment: float, request: str | None) -> str:
    """The line, without its end: time in UTC, level, logger, request id, text. Control characters and line separators
    are escaped; what is longer than `LONGEST` characters is cut."""
    at = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    told = {"at": at, "level": level.lower(), "logger": logger}
    if request:
        told["request"] = request
    # masked before it is cut, so that no half of a number is left; what nobody reads is not searched either
    told["text"] = without_numbers(text[: 2 * LONGEST])[:LONGEST]
    return json.dumps(told)
