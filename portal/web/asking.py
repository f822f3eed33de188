"""What every page knows about questions: which page this is, what it is about, and what has been answered here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request, session
from sqlalchemy.exc import OperationalError

from portal.rules.roles import Role
from portal.services import doors, ticket_notices, transactions
from portal.services.doors import Opened
from portal.services.refusals import NotFound
from portal.services.ticket_notices import Told
from portal.services.tickets import Asker
from portal.web.guard import current_actor

_MOST_CODES = 6
OWN_PAGES = ("web.wrong", "web.ask", "web.ask_again", "web.open_question", "web.close_question")
#: arguments of addresses that name the child a family looks at
_OF_A_CHILD = ("child_id", "pupil_id", "sheet_id")


@dataclass(frozen=True)
class Asking:
    """For the form in the footer: the page's endpoint, what it is about, where to go on, and whether it is known who
    answers; `told` is what this asker is told now, `sent` right after asking."""

    page: str
    about: str
    next: str
    known: bool
    told: Told
    sent: bool

    @property
    def on_own_page(self) -> bool:
        """True on the page of questions itself, whose footer needs no second form."""
        return self.page in OWN_PAGES

    @property
    def code(self) -> str | None:
        """The code to note down, right after asking without an account."""
        return self.told.code if self.sent else None


def asker() -> Asker:
    """Who asks in this request."""
    who = current_actor()
    if who is not None and who.must_change:
        who = None  # whoever handed out a one-time password reads nobody's questions with it
    return Asker(who, tuple(session.get("asked", [])))


def remember(code: str | None) -> None:
    """Keep the code of a visitor's question in this browser's signed session; without a code nothing is kept."""
    kept = [known for known in session.get("asked", []) if known != code]
    if code is not None:
        session["asked"] = [*kept, code][-_MOST_CODES:]


def here() -> Asking | None:
    """What the page on screen knows; None when the database is away or the page has none of it."""
    try:
        told = ticket_notices.told(asker(), request.endpoint or "")
    except OperationalError:
        transactions.undo()
        return None
    about = _about()
    address = request.full_path.rstrip("?") if request.method == "GET" else ""
    sent = bool(session.pop("sent_question", None)) if request.method == "GET" else False
    return Asking(request.endpoint or "", about, address, bool(about or current_actor()), told, sent)


def _about() -> str:
    """The paper or child of this page, as the form carries it; empty when there is none."""
    values, who = request.view_args or {}, current_actor()
    if who is not None and who.role != Role.PARENT:
        return ""
    if {"door", "key"} <= set(values) and _paper(values) is not None:
        return f"{values['door']}/{values['key']}"
    return next((values[name].hex for name in _OF_A_CHILD if who and isinstance(values.get(name), UUID)), "")


def _paper(values: dict[str, str]) -> Opened | None:
    try:
        if values["door"] != "c":
            return doors.by_link(values["key"])
        selector = session.get("codes", {}).get(values["key"])
        return doors.by_selector(selector) if selector else None
    except NotFound:
        return None


def about_posted(text: str) -> Opened | UUID | None:
    """What a posted form is about: the paper behind a link or a handle of this browser, or a child's id."""
    door, slash, key = text.partition("/")
    if slash:
        return _paper({"door": door, "key": key}) if door in ("s", "S", "c") else None
    try:
        return UUID(hex=text)
    except ValueError:
        return None
