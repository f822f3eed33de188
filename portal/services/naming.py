"""Names of people and of their logins: real names (B4), and logins that are free."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import select

from portal.models import User, db
from portal.rules.words import N_
from portal.services.refusals import Refusal

LONGEST_NAME = 40
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")


def real_name(typed: str) -> str:
    """A person's name with blanks folded; raises `Refusal` for none or one too long (B4)."""
    wanted = " ".join(typed.split())
    if not wanted or not wanted.isprintable():
        raise Refusal(N_("请填这个人的姓名，账号是实名的。"))
    if len(wanted) > LONGEST_NAME:
        raise Refusal(N_("姓名最多 %(n)s 个字。"), n=LONGEST_NAME)
    return wanted


def own_login(typed: str) -> str:
    """A login as somebody typed it; raises `Refusal` when it cannot be one or is taken."""
    wanted = typed.strip().lower()
    if not _LOGIN.fullmatch(wanted):
        raise Refusal(N_("账号用 3 到 64 个小写字母、数字、点、横线，字母或数字开头。"))
    if is_taken(wanted):
        raise Refusal(N_("账号 %(login)s 已经有人用了。"), login=wanted)
    return wanted


def free_login(stems: Iterable[str]) -> str:
    """The first of the stems that is free, else the first stem with a number behind it."""
    first, *others = stems
    later = (f"{first}-{n}" for n in range(2, 1000))
    return next(login for login in (first, *others, *later) if not is_taken(login))


def is_taken(login: str) -> bool:
    """True when an account has or had this login: none is ever given again."""
    return db.session.scalar(select(User.id).where(User.login == login)) is not None
