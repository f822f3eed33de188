"""Questions as they are read: who said what and when, and where it went; masked for levels above the school."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from portal.models import Place, Post, Sheet, Step, Ticket, User, db
from portal.rules import tickets as rules
from portal.rules.clock import local, now
from portal.rules.masks import mask_name
from portal.rules.roles import AUTHORITY_LEVELS, Actor, Level, Role
from portal.rules.tickets import TicketMove, TicketState
from portal.rules.words import N_
from portal.services.ticket_moves import next_of

VISITOR = N_("没有登录的人")
FAMILY = N_("家长")
_SNIPPET = 60


@dataclass(frozen=True)
class Said:
    """One thing said, or one change of who answers: `moved_to` is then the place it went to and `why` says how."""

    at: datetime
    who: str = ""
    place: str = ""
    text: str = ""
    from_asker: bool = False
    moved_to: str = ""
    why: str = ""


@dataclass(frozen=True)
class Row:
    """A question in a list: who asks (message id), about which page, the first words, since when."""

    id: UUID
    who: str
    place: str
    page: str
    words: str
    state: TicketState
    days: int
    late: bool


@dataclass(frozen=True)
class Thread:
    """A whole question. `pupil` is the masked name of the paper's child, for the school only; `next_place` where it can
    be sent; `code` the visitor's own."""

    id: UUID
    who: str
    place: str
    page: str
    state: TicketState
    answers: str
    last_day: date
    late: bool
    said: list[Said]
    pupil: str = ""
    class_name: str = ""
    sheet_id: UUID | None = None
    next_place: str = ""
    code: str | None = None

    @property
    def waits(self) -> bool:
        return self.state in rules.WAITING


#: how a question came one level up -> the words for it
_WHY = {
    "due": N_("到期没有回答"),
    "asker": N_("提问的人请上一级看"),
    "answerer": N_("由上一级回答更合适"),
}


def thread_of(ticket: Ticket, reader: Actor | None, code: str | None = None, own: bool = False) -> Thread:
    """A question for one who may read it; `own` for the asker, to whom nothing is masked."""
    posts = _posts({ticket.by_id, *(entry.by_id for entry in ticket.entries)})
    at_school = own or reader is None or reader.level not in AUTHORITY_LEVELS
    sheet = db.session.get(Sheet, ticket.sheet_id) if ticket.sheet_id and at_school and not own else None
    target = next_of(ticket, None if own else reader)
    return Thread(
        id=ticket.id,
        who=_who(ticket, posts),
        place=_place(ticket, posts),
        page=ticket.page,
        state=TicketState(ticket.state),
        answers=office(ticket.place),
        last_day=rules.last_day(ticket.due_at),
        late=_late(ticket),
        said=_said(ticket, posts, at_school),
        pupil=mask_name(sheet.pupil.record["name"]) if sheet else "",
        class_name=sheet.class_.name if sheet else "",
        sheet_id=sheet.id if sheet else None,
        next_place=target.name if target else "",
        code=rules.shown_code(code) if code else None,
    )


def rows_of(tickets: Sequence[Ticket]) -> list[Row]:
    """Questions as rows of a list, in their order."""
    posts = _posts({ticket.by_id for ticket in tickets})
    today = local(now()).date()
    return [
        Row(
            id=ticket.id,
            who=_who(ticket, posts),
            place=_place(ticket, posts),
            page=ticket.page,
            words=_snippet(ticket),
            state=TicketState(ticket.state),
            days=max(0, (today - local(ticket.made_at).date()).days),
            late=_late(ticket),
        )
        for ticket in tickets
    ]


def _late(ticket: Ticket) -> bool:
    return ticket.state in rules.WAITING and ticket.due_at <= now()


def _snippet(ticket: Ticket) -> str:
    """The newest words of the asker, on one line; in a list nobody reads a whole ID number."""
    last = next((entry.text for entry in reversed(ticket.entries) if entry.from_asker), "") or ""
    words = " ".join(rules.masked(last).split())
    return words if len(words) <= _SNIPPET else words[:_SNIPPET] + "…"


def _posts(people: Iterable[UUID | None]) -> dict[UUID, tuple[Role, Place]]:
    """Person -> role and place of the newest post."""
    known = {person for person in people if person is not None}
    if not known:
        return {}
    query = select(Post).join(User, User.id == Post.user_id).where(User.id.in_(known)).order_by(Post.begins)
    return {post.user_id: (Role(post.role), post.place) for post in db.session.scalars(query)}


def _who(ticket: Ticket, posts: dict[UUID, tuple[Role, Place]]) -> str:
    if ticket.by_id in posts:
        return posts[ticket.by_id][0].label
    return FAMILY if ticket.sheet_id else VISITOR


def _place(ticket: Ticket, posts: dict[UUID, tuple[Role, Place]]) -> str:
    """Where the asker belongs: of staff their own place, of a family the class or the school."""
    if ticket.by_id in posts and posts[ticket.by_id][0] != Role.PARENT:
        return posts[ticket.by_id][1].name
    sheet = db.session.get(Sheet, ticket.sheet_id) if ticket.sheet_id else None
    return f"{ticket.home.name} {sheet.class_.name}" if sheet else ticket.home.name


def _said(ticket: Ticket, posts: dict[UUID, tuple[Role, Place]], whole: bool) -> list[Said]:
    said = []
    for entry in ticket.entries:
        text = entry.text or ""
        role, place = posts.get(entry.by_id, (None, None)) if entry.by_id else (None, None)
        said.append(
            Said(
                at=entry.at,
                who=_who(ticket, posts) if entry.from_asker else (role.label if role else ""),
                place="" if entry.from_asker or place is None else office(place),
                text=text if whole else rules.masked(text),
                from_asker=entry.from_asker,
            )
        )
    return sorted([*said, *_moves(ticket)], key=lambda line: line.at)


def office(place: Place) -> str:
    """The name of who answers at a place: of a class its school."""
    return place.parent.name if place.level == Level.CLASS and place.parent else place.name


def _moves(ticket: Ticket) -> list[Said]:
    query = select(Step).where(Step.thing_id == ticket.id, Step.move == TicketMove.SEND_UP.value)
    return [
        Said(step.at, moved_to=step.details.get("to", ""), why=_WHY.get(step.details.get("by", ""), ""))
        for step in db.session.scalars(query)
    ]
