"""The second step of a sign-in: six digits of an authenticator app, or a recovery code (RFC 6238, sec-A47)."""

from __future__ import annotations

import re
import secrets
import unicodedata
from base64 import b32encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

#: seconds of one time step
STEP = 30
#: steps before and after the present one that are taken, for clocks that differ
AROUND = 1
SECRET_BYTES = 20
RECOVERY_CODES = 8
#: wrong codes within a time -> no further one is judged (sec-A47)
LIMITS = ((5, timedelta(minutes=5)), (20, timedelta(hours=1)), (50, timedelta(days=1)))

_RECOVERY_LENGTH = 10
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212.·]+")


def step_at(moment: datetime) -> int:
    """The number of the time step."""
    return int(moment.timestamp()) // STEP


def steps_to_try(moment: datetime, last_used: int) -> list[int]:
    """The steps whose code is taken now: one each side, none that was used before and none before that one."""
    here = step_at(moment)
    return [step for step in range(here - AROUND, here + AROUND + 1) if step > last_used]


def plain(typed: str) -> str:
    """What was typed without blanks and dashes, full width folded, in capitals."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", typed[:80])).upper()


def is_app_code(text: str) -> bool:
    """Six digits."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def recovery_code(text: str) -> str | None:
    """A recovery code in its kept form (look-alikes folded), or None for anything of another shape."""
    folded = text.translate(_LOOK_ALIKES)
    return folded if len(folded) == _RECOVERY_LENGTH and set(folded) <= set(_SYMBOLS) else None


def new_recovery_codes() -> list[str]:
    """Eight codes of ten symbols, 50 bits each."""
    return ["".join(secrets.choice(_SYMBOLS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def grouped_recovery(code: str) -> str:
    """A recovery code as it is read: two groups of five."""
    return f"{code[:5]}-{code[5:]}"


def secret_text(secret: bytes) -> str:
    """A secret in the base 32 that apps take."""
    return b32encode(secret).decode().rstrip("=")


def grouped_secret(text: str) -> str:
    """The same in groups of four, for typing."""
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def app_address(text: str, login: str, issuer: str) -> str:
    """What the QR holds (Key URI format)."""
    label = quote(f"{issuer}:{login}", safe="")
    return f"otpauth://totp/{label}?" + urlencode({"secret": text, "issuer": issuer}, quote_via=quote)


def minutes_to_wait(wrong_at: Sequence[datetime], moment: datetime) -> int:
    """0 when one more code may be judged, else whole minutes until then. `wrong_at` are the wrong ones of a day."""
    until = moment
    for most, within in LIMITS:
        recent = sorted(at for at in wrong_at if at > moment - within)
        if len(recent) >= most:
            until = max(until, recent[-most] + within)
    return -int(-((until - moment).total_seconds()) // 60)
