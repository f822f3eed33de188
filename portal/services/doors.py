"""The two ways in that are printed on paper: the page-1 link, which takes a photo, and the page-2 code.

Neither is a right to read: whoever holds the paper may send a photograph of it and is told how far the sheet is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from portal.keys import equal
from portal.models import RegistrationCode, Sheet, db
from portal.paper.identity import parse_front
from portal.rules.clock import today
from portal.rules.codes_printed import RegistrationCode as Typed
from portal.rules.codes_printed import parse_registration_code
from portal.rules.numbers import Mistyped
from portal.rules.problems import PROBLEMS, message_of
from portal.rules.words import N_
from portal.services import slowing
from portal.services.photos import leaf_of, paper_key
from portal.services.printed_codes import hash_verifier
from portal.services.refusals import NotFound, Refusal
from portal.services.slowing import NOBODY, Asker


class Closed(StrEnum):
    """Why a paper takes no photograph now."""

    REVOKED = "revoked"
    NOT_ISSUED = "not_issued"
    NOT_EXPECTED = "not_expected"
    OVER = "over"

    @property
    def label(self) -> str:
        return _TITLES[self]

    @property
    def advice(self) -> str:
        """What the family does now."""
        return _ADVICE[self]


#: one sentence, whichever bucket is full
TOO_MANY = N_(
    "输错的次数太多了，请过 %(minutes)s 分钟再试。还是这句话，就请班主任换一个新的注册码。只拍照交表不用注册码。"
)

#: slips of the hand that the page tells before anything is sent: name -> message id
SLIPS = {name: PROBLEMS[f"R99.{name}"][1] for name in ("sign", "kind", "other", "count", "check")}

_TITLES = {
    Closed.REVOKED: N_("这张纸表已经作废"),
    Closed.NOT_ISSUED: N_("学校还没有发这张表"),
    Closed.NOT_EXPECTED: N_("这张表不用交了"),
    Closed.OVER: N_("这一轮核查已经结束"),
}
_ADVICE = {
    Closed.REVOKED: N_("请向班主任要一张新的，签好再拍。这一张可以撕掉。"),
    Closed.NOT_ISSUED: N_("等班主任把表发到家里，再扫上面的码就能拍照。现在什么都不用做。"),
    Closed.NOT_EXPECTED: N_("孩子这一轮不在这个班核查。有疑问请找班主任。"),
    Closed.OVER: N_("现在不再收照片。还没交的，请把签好字的纸表交给班主任。"),
}


class Slip(Refusal):
    """A slip of the hand: no try, and nothing was counted."""


@dataclass(frozen=True)
class Opened:
    """What a paper opens: its sheet, and whether the school has printed a newer copy since."""

    sheet_id: UUID
    closed: Closed | None
    superseded: bool = False


def by_link(link: str) -> Opened:
    """The paper behind the 11 symbols of a page-1 link; raises `NotFound` unless this deployment printed it."""
    number = parse_front(f"https://printed/S/{link}", paper_key())
    leaf = leaf_of(number) if number is not None else None
    if leaf is None:
        raise NotFound
    closed = Closed.REVOKED if leaf.revoked_at is not None else _closed(leaf.sheet)
    return Opened(leaf.sheet_id, closed, leaf.superseded_by is not None)


def by_selector(selector: str) -> Opened:
    """The paper whose code this browser has typed before; raises `NotFound` when the code has been replaced since."""
    row = db.session.scalar(
        select(RegistrationCode).where(RegistrationCode.selector == selector, RegistrationCode.live)
    )
    if row is None:
        raise NotFound
    return Opened(row.sheet_id, _closed(row.sheet))


def of_sheet(sheet: Sheet) -> Opened:
    """The paper of a sheet whose claimed guardian is signed in."""
    return Opened(sheet.id, _closed(sheet))


def _closed(sheet: Sheet) -> Closed | None:
    if today() > sheet.round.ends:
        return Closed.OVER
    if not sheet.in_scope:
        return Closed.NOT_EXPECTED
    return None if sheet.issued else Closed.NOT_ISSUED


def use_code(text: str, asker: Asker = NOBODY) -> str:
    """Check a typed registration code and return its selector. Commits; consumes nothing.

    Slips of the hand are told by the check symbol and never counted. A wrong verifier is counted for its selector
    whether or not that exists, with the same words and the same work, before it is judged (sec-A1, sec-C7).
    Raises `Slip`, `Refusal`, `WorkFirst`, or `Wait` while the code or the browser cools.
    """
    try:
        typed = parse_registration_code(text)
    except Mistyped as slip:
        words, values = message_of(slip.problem)
        raise Slip(words, **values) from slip
    attempt = slowing.begin("code", typed.selector, asker, TOO_MANY)
    row = _right(typed)
    if row is None:
        raise Refusal(N_("没有这个注册码。请照确认表第 2 页再看一遍，或者问班主任。"))
    slowing.right(attempt)
    if not row.live:  # only who has the right code is told (sec-C8)
        raise Refusal(N_("这个注册码已经换过了。请用班主任给的新注册码。"))
    return row.selector


def _right(typed: Typed) -> RegistrationCode | None:
    row = db.session.scalar(select(RegistrationCode).where(RegistrationCode.selector == typed.selector))
    expected = row.verifier_hash if row else b"\0" * 32
    fits = equal(expected, hash_verifier(typed.selector, typed.verifier))
    return row if fits else None
