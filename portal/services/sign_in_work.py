"""Passwords tried over many accounts from one address: nobody is refused, but browsers in which the account was never
signed in do a little work for each try once many were wrong there, as with registration codes (sec 5.4, sec-A39)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from portal.models import Try, db, keyring
from portal.rules import work_proof
from portal.services import slowing_alarm, tries, work_tickets
from portal.services.slowing import LATELY, Asker, Wanted, WorkFirst

#: wrong passwords at an address are remembered so long
TIME = timedelta(minutes=10)
_KIND = "address"


def begin(asker: Asker, is_known: bool) -> UUID | None:
    """Write a try at an address before it is judged, as wrong; None where there is no address. Commits.

    Raises `WorkFirst` when the browser has to work first: then nothing is written. `is_known`: the account has signed
    in here before.
    """
    if not asker.address:
        return None
    bits = 0 if is_known else _bits(asker.address)
    if bits:
        _require(asker, bits)
    attempt = Try(kind=_KIND, bucket=_bucket(asker.address))
    own = attempt.id
    db.session.add(attempt)
    db.session.commit()
    return own


def right(own: UUID | None) -> None:
    """The password was right: the address has one try less. The caller commits."""
    if own is not None:
        db.session.execute(delete(Try).where(Try.id == own))


def wanted(asker: Asker) -> Wanted:
    """What to put into the form: a ticket where an unknown browser has to work here now."""
    bits = _bits(asker.address) if asker.address and asker.device else 0
    return Wanted(work_tickets.give(asker.device, bits), needed=True) if bits else Wanted()


def _require(asker: Asker, bits: int) -> None:
    slowing_alarm.raise_once("sign_in", _wrong(asker.address))
    ticket = work_tickets.read(asker.ticket, asker.device) if asker.device else None
    if ticket is None or not (ticket.is_worked(asker.answer, bits) or _has_waited(ticket, asker.address)):
        raise WorkFirst
    if not work_tickets.use_up(ticket):
        raise WorkFirst


def _has_waited(ticket: work_tickets.Ticket, address: str) -> bool:
    """A browser without scripts has waited, and it is its turn at this address."""
    return ticket.age >= work_tickets.PATIENCE and work_tickets.take_turn(address)


def _bits(address: str) -> int:
    return work_proof.bits_for(_wrong(address), _wrong(address, LATELY))


def _wrong(address: str, span: timedelta = TIME) -> int:
    wrong = (Try.bucket == _bucket(address), Try.kind == _KIND, Try.failed, tries.since(span))
    return db.session.scalar(select(func.count()).where(*wrong)) or 0


def _bucket(address: str) -> bytes:
    return keyring().blind("try.address", f"sign-in {address}")
