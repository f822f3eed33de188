"""Asking: "something is wrong on this page", from any page, with or without an account (O1, O2, O8).

Who asked without an account reads the answer with a code that this browser keeps; only its keyed hash is stored.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, or_, select

from portal.models import Guardianship, Place, Sheet, Ticket, db, keyring
from portal.rules import tickets as rules
from portal.rules.clock import now
from portal.rules.roles import Actor, Level, Role
from portal.rules.tickets import TicketMove, TicketState
from portal.rules.words import N_
from portal.services.doors import Opened
from portal.services.refusals import NotFound, Refusal, Wait
from portal.services.ticket_moves import above, add_entry, change

_random = random.SystemRandom()
#: what an asker may add before somebody answers
_MOST_IN_A_ROW = 5


@dataclass(frozen=True)
class Asker:
    """Who asks: the signed-in person, if any, and the codes of questions that this browser has asked."""

    actor: Actor | None
    codes: tuple[str, ...] = ()

    @property
    def mine(self) -> ColumnElement[bool]:
        """The condition that a question is this asker's."""
        hashes = [_hash(code) for code in self.codes]
        own = Ticket.by_id == self.actor.user_id if self.actor else false()
        return or_(own, Ticket.key_hash.in_(hashes)) if hashes else own

    def code_of(self, ticket: Ticket) -> str | None:
        """The code of a question that this browser asked without an account."""
        return next((code for code in self.codes if _hash(code) == ticket.key_hash), None)


@dataclass(frozen=True)
class _Way:
    """Whose key seals a question, who answers it first, and about which sheet it is."""

    home: Place
    place: Place
    sheet_id: UUID | None = None


def _hash(code: str) -> bytes:
    return keyring().blind("ticket", code)


def ask(asker: Asker, text: str, page: str, about: Opened | UUID | None = None, school_code: str = "") -> str | None:
    """Ask; returns the code of a visitor's question, nothing for somebody signed in. Commits.

    `page` is the name of an endpoint; `about` the paper a visitor holds, or the pupil a signed-in family looks at.
    The same words again while they wait ask nothing new. Raises `Refusal`, or `Wait` when too much waits already.
    """
    words = _words(text)
    way = _way(asker.actor, about, school_code)
    known = _same(asker, words)
    if known is not None:
        return asker.code_of(known)
    _slow_down(asker, way)
    code = rules.new_code(_random) if asker.actor is None else None
    ticket = Ticket(
        home_id=way.home.id, place_id=way.place.id, path=way.place.path, page=page, sheet_id=way.sheet_id,
        key_hash=_hash(code) if code else None, by_id=asker.actor.user_id if asker.actor else None,
        due_at=rules.due(way.place.level, now()),
    )  # fmt: skip
    db.session.add(ticket)
    db.session.flush()
    add_entry(ticket, asker.actor, words, from_asker=True)
    change(asker.actor, ticket, None)
    db.session.commit()
    return code


def _words(text: str) -> str:
    words = rules.tidy(text)
    if not words:
        raise Refusal(N_("请写一写哪里不对，或者想问什么。"))
    if len(words) > rules.LONGEST:
        raise Refusal(N_("最多写 %(most)s 个字，现在有 %(found)s 个。"), most=rules.LONGEST, found=len(words))
    return words


def _way(actor: Actor | None, about: Opened | UUID | None, school_code: str) -> _Way:
    if actor is not None and actor.role != Role.PARENT:
        return _way_of_staff(actor)
    held = db.session.get(Sheet, about.sheet_id) if isinstance(about, Opened) else None
    sheet = _childs_sheet(actor, about) if actor and held is None else held
    if sheet is not None:
        return _Way(sheet.school, sheet.class_, sheet.id)
    if actor is not None:
        school = db.session.get_one(Place, actor.place_id)
        return _Way(school, school)
    place = _school_coded(school_code) if school_code.strip() else _province()
    return _Way(place, place)


def _way_of_staff(actor: Actor) -> _Way:
    place = db.session.get_one(Place, actor.place_id)
    home = place.parent if place.level == Level.CLASS and place.parent else place
    return _Way(home, home if rules.goes_to_own_place(actor) else above(home) or home)


def _childs_sheet(actor: Actor, about: Opened | UUID | None) -> Sheet | None:
    """The newest sheet of the child a family looks at, else of the child it claimed last. `about` may be the id of a
    guardianship, a pupil or a sheet; one that is not this family's is as good as none."""
    spoken_for = (Guardianship.user_id == actor.user_id, Guardianship.state == "active")
    query = select(Guardianship).where(*spoken_for).order_by(Guardianship.made_at.desc())
    children = list(db.session.scalars(query))
    asked = db.session.get(Sheet, about) if isinstance(about, UUID) else None
    hints = (about, asked.pupil_id if asked else None)
    chosen = (child for child in children if child.id in hints or child.pupil_id in hints)
    child = next(chosen, next(iter(children), None))
    sheets = select(Sheet).where(Sheet.pupil_id == (child.pupil_id if child else None))
    return max(db.session.scalars(sheets), key=lambda sheet: sheet.round.begins, default=None)


def _school_coded(code: str) -> Place:
    school = db.session.scalar(select(Place).where(Place.level == Level.SCHOOL, Place.code == code.strip()))
    if school is None:
        raise Refusal(N_("没有这个学校代码。可以空着不填，由省里转给学校。"))
    return school


def _province() -> Place:
    """The province that visitors ask; a deployment has one."""
    place = db.session.scalar(select(Place).where(Place.level == Level.PROVINCE).order_by(Place.path))
    if place is None:
        raise Refusal(N_("这里还没有学校和教育局。请打纸表上印的电话。"))
    return place


def _waiting(*conditions: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(Ticket).where(Ticket.state.in_(rules.WAITING), *conditions)
    return db.session.scalar(query) or 0


def _same(asker: Asker, words: str) -> Ticket | None:
    """A waiting question of this asker in the very same words: the form was sent twice."""
    waiting = db.session.scalars(select(Ticket).where(asker.mine, Ticket.state.in_(rules.WAITING)))
    return next((ticket for ticket in waiting if ticket.entries and ticket.entries[-1].text == words), None)


def _slow_down(asker: Asker, way: _Way) -> None:
    """Raise `Wait` by what this account, browser or paper already waits for; visitors without a paper share an
    hour's number for each place. Never by network address (sec finding 5)."""
    if _waiting(asker.mine) >= rules.MOST_WAITING:
        raise Wait(N_("您已经有 %(count)s 个问题在等回答。有了回答再问新的，急事请打电话。"), count=rules.MOST_WAITING)
    if asker.actor is not None:
        return
    if way.sheet_id is not None:
        if _waiting(Ticket.sheet_id == way.sheet_id, Ticket.by_id.is_(None)) >= rules.MOST_OF_A_PAPER:
            raise Wait(N_("这张表已经有 %(count)s 个问题在等回答。急事请打电话。"), count=rules.MOST_OF_A_PAPER)
        return
    strangers = (Ticket.home_id == way.home.id, Ticket.by_id.is_(None), Ticket.sheet_id.is_(None))
    lately = select(func.count()).select_from(Ticket).where(*strangers, Ticket.made_at > now() - timedelta(hours=1))
    if (db.session.scalar(lately) or 0) >= rules.MOST_OF_VISITORS:
        raise Wait(N_("这会儿问的人太多。请过一小时再来，或者打电话。"))


def find_by_code(text: str) -> str:
    """A typed code in its stored form, when such a question exists; 50 random bits need no counting of tries."""
    code = rules.parse_code(text)
    if code is None:
        raise Refusal(N_("提问号是 W 开头的 12 位，请再看一眼。"))
    if db.session.scalar(select(Ticket.id).where(Ticket.key_hash == _hash(code))) is None:
        raise Refusal(N_("没有这个提问号。请照当时记下的再看一遍。"))
    return code


def own(asker: Asker, lock: UUID | None = None) -> Sequence[Ticket]:
    """This asker's questions, newest first; with `lock` the one with this id, raises `NotFound` for every other."""
    query = select(Ticket).where(asker.mine).order_by(Ticket.made_at.desc()).limit(20)
    if lock is not None:
        query = query.where(Ticket.id == lock).with_for_update()
    found = db.session.scalars(query).all()
    if lock is not None and not found:
        raise NotFound
    return found


def add(asker: Asker, ticket_id: UUID, text: str, up: bool = False) -> None:
    """Say something more; after an answer the question waits again, with `up` one level higher. Commits."""
    (ticket,) = own(asker, lock=ticket_id)
    words = _words(text) if text.strip() or not up else ""
    if len(ticket.entries) >= _MOST_IN_A_ROW and all(entry.from_asker for entry in ticket.entries[-_MOST_IN_A_ROW:]):
        raise Wait(N_("已经写了好几句，请等一等回答。急事请打电话。"))
    if up and ticket.state != TicketState.ANSWERED:
        raise Refusal(N_("还没有回答。到期没有回答会自己转到上一级。"))
    if words:
        add_entry(ticket, asker.actor, words, from_asker=True)
    change(asker.actor, ticket, TicketMove.SEND_UP if up else TicketMove.ADD, by="asker")
    db.session.commit()


def close(asker: Asker, ticket_id: UUID) -> None:
    """The asker needs nothing more. Closing twice is no fault. Commits."""
    (ticket,) = own(asker, lock=ticket_id)
    if ticket.state != TicketState.CLOSED:
        change(asker.actor, ticket, TicketMove.CLOSE, by="asker")
    db.session.commit()
