"""Applications as the school makes them: drafted, sent to the leader, taken back, withdrawn, made anew (H1, H5, H7).

What becomes of them is decided in `reviewing` and takes effect in `granting`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.models import Application, Decision, Place, Pupil, Switch, db
from portal.rules.access import Action, may
from portal.rules.applications import (
    NEEDS_REASON,
    OPEN,
    REFUSED,
    ApplicationKind,
    ApplicationMove,
    ApplicationState,
    after,
    blocks,
    ends_at_school,
)
from portal.rules.clock import now
from portal.rules.items import KEY_DATA
from portal.rules.normalise import normalise
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import application_checks, application_sheets, figures, lists, pending, place_settings
from portal.services.history import record
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.rounds import require_open, running

LONGEST_REASON = 500
_IN_PROGRESS = N_("这个学生已经有一件申请在办，办完或撤回以后才能再提。")
_BLOCKED = N_("这个学生的误操作删除没有通过，先把不通过的条目删除，才能办别的。")


def of_pupil(pupil_id: UUID) -> list[Application]:
    """All applications about a pupil, the newest first."""
    query = select(Application).where(Application.pupil_id == pupil_id)
    return list(db.session.scalars(query.order_by(Application.made_at.desc(), Application.id)))


def find(actor: Actor, application_id: UUID) -> Application:
    """An application inside the actor's place; raises `NotFound`."""
    return lists.find(actor, Application, application_id)


def blocking(pupil_id: UUID) -> Application | None:
    """The application that keeps every other business off a pupil's record: an open one (H7), or a refused deletion
    whose entry still stands (R113)."""
    found = (one for one in of_pupil(pupil_id) if blocks(ApplicationKind(one.kind), ApplicationState(one.state)))
    return next(found, None)


def require_free(pupil: Pupil, kind: ApplicationKind | None = None) -> None:
    """Raise `TooLate` while an application is open for the pupil (H7) or a refused deletion stands (R113). A proof of
    identity (`kind`) waits for no key-data change, but nothing is proved about a record that is to be taken out."""
    found = blocking(pupil.id)
    if found is None or (kind == ApplicationKind.IDENTITY and found.kind == ApplicationKind.CHANGE):
        return
    raise TooLate(_IN_PROGRESS if found.state in OPEN else _BLOCKED)


def make(
    actor: Actor,
    pupil_id: UUID,
    kind: ApplicationKind,
    values: Mapping[str, str],
    reason: str = "",
    **facts: Any,
) -> Application:
    """Draft an application about a pupil of the actor's school. Commits.

    `values`: item -> new value as typed; only key data and items under control (G8) can be applied for. `facts` may
    name `origin` ("sheet", "hand", "no_id"), `sheet_id` and `previous_id`, and items to `keep` whose new value is not
    known yet. Raises `TooLate` while another is open or, in a round, the entry switch is closed (A4).
    """
    found = new(actor, pupil_id, kind, values, reason, **facts)
    db.session.commit()
    return found


def new(
    actor: Actor, pupil_id: UUID, kind: ApplicationKind, values: Mapping[str, str], reason: str = "", **facts: Any
) -> Application:
    """`make`, for a caller who has more to do and commits."""
    keep = facts.pop("keep", ())
    pupil = lists.find(actor, Pupil, pupil_id, lock=True)
    _require_business(actor, pupil, kind)
    school = db.session.get_one(Place, pupil.school_id)
    found = Application(kind=kind, school_id=school.id, pupil_id=pupil.id, path=pupil.path, **facts)
    found.at_school = ends_at_school(kind, pupil.is_draft)
    found.authority_id = None if found.at_school else school.parent_id
    round_ = figures.current_round(pupil.path)
    found.round_id, found.made_by_id = round_.id if round_ else None, actor.user_id
    _fill(found, pupil, values, reason, keep)
    db.session.add(found)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()  # somebody else was faster
        raise TooLate(_IN_PROGRESS) from None
    record(actor, found, "DRAFT", found.school_id, kind=kind.value, items=found.items)
    return found


def _require_business(actor: Actor, pupil: Pupil, kind: ApplicationKind) -> None:
    if pupil.left_at is not None:
        raise TooLate(N_("这个学生已经不在本校，不能再提申请。"))
    _require_kind(actor, kind)
    if kind == ApplicationKind.DELETION:
        application_checks.require_deletable(pupil)
    require_window(pupil.path)
    require_free(pupil, kind)


def _require_kind(actor: Actor, kind: ApplicationKind) -> None:
    """A deletion is the registrar's to apply for; a verification account has no part in it (M1, X9)."""
    if kind == ApplicationKind.DELETION and not may(actor, Action.APPLY_DELETION):
        raise NotYours(N_("您的岗位不能做这件事。"))


def require_window(path: str) -> None:
    """In a round applications need the entry switch (A4, R95); outside a round they are routine business (H)."""
    round_ = running(path)
    if round_ is not None:
        require_open(round_.id, path, Switch.ENTRY)


def _fill(found: Application, pupil: Pupil, values: Mapping[str, str], reason: str, keep: Collection[str] = ()) -> None:
    """Put what is asked for into an application; what stays as it is, is left out unless it is to be kept."""
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise Refusal(N_("原因最多写 %(n)s 个字。"), n=LONGEST_REASON)
    for item in values:
        if item not in KEY_DATA and not place_settings.is_controlled(pupil.path, item):
            raise Refusal(N_("这一项不是关键信息，直接录入就行。"))
    known = pupil.record
    wanted = {item: normalise(item, value) for item, value in values.items()}
    found.values = {
        item: {"old": known.get(item, ""), "new": new}
        for item, new in wanted.items()
        if new != known.get(item, "") or item in keep
    }
    found.items = list(found.values)
    found.reason = reason or None


def draft(
    actor: Actor, application_id: UUID, version: int, values: Mapping[str, str], reason: str, keep: Collection[str] = ()
) -> Application:
    """Change a draft. Commits; raises `TooLate` when it is no draft any more or somebody has changed it since. Items to
    `keep` stay in it although their new value is not known yet."""
    found = own_draft(actor, application_id, version)
    _fill(found, found.pupil, values, reason, keep)
    record(actor, found, "REDRAFT", found.school_id, items=found.items)
    db.session.commit()
    return found


def own_draft(actor: Actor, application_id: UUID, version: int) -> Application:
    """A draft of the actor's school, locked, as it was on the screen; raises `TooLate` for any other state."""
    found = _own(actor, application_id, version)
    if found.state != ApplicationState.DRAFTED:
        raise TooLate(N_("申请已经送出，要改请先拿回来。"))
    return found


def add_to(actor: Actor, found: Application, values: Mapping[str, str]) -> None:
    """Take more items into a draft; what is in it already stays as it is. The caller has locked it and commits."""
    before = {item: both["new"] for item, both in found.values.items()}
    _fill(found, found.pupil, dict(values) | before, found.reason or "", {*values, *before})
    record(actor, found, "REDRAFT", found.school_id, items=found.items)


def leave_out(actor: Actor, found: Application, item: str) -> None:
    """Take one item out of a draft. The caller has locked it and commits."""
    found.values = {code: both for code, both in found.values.items() if code != item}
    found.items = list(found.values)
    record(actor, found, "REDRAFT", found.school_id, items=found.items)


def _own(actor: Actor, application_id: UUID, version: int) -> Application:
    """An application of the actor's school, locked, as it was on the screen."""
    found = lists.find(actor, Application, application_id, lock=True)
    if actor.level != Level.SCHOOL:
        raise NotFound
    _require_kind(actor, ApplicationKind(found.kind))
    if found.version != version:
        raise TooLate(N_("刚才别人先改了。您填的没有存，请看一眼新的再做。"))
    return found


def send(actor: Actor, application_id: UUID, version: int) -> Application:
    """Send a draft to the leader. Commits.

    Raises `NotValid` with the rules it breaks, `Refusal` while a document is missing or nothing is asked for.
    """
    found = _own(actor, application_id, version)
    after(ApplicationKind(found.kind), found.at_school, ApplicationState(found.state), ApplicationMove.SEND)
    require_window(found.path)
    if found.kind == ApplicationKind.CHANGE:
        application_checks.require_to_send(actor, found)
    elif found.kind == ApplicationKind.DELETION:
        application_checks.require_deletion(found)
    application_checks.require_evidence(found)
    move(actor, found, ApplicationMove.SEND)
    found.sent_by_id = actor.user_id
    db.session.commit()
    return found


def take_back(actor: Actor, application_id: UUID, version: int) -> Application:
    """Take an application back from the leader's queue to change it. Commits."""
    return _simple(actor, application_id, version, ApplicationMove.TAKE_BACK)


def withdraw(actor: Actor, application_id: UUID, version: int) -> Application:
    """Give a draft up; it stays in the pupil's history, the items of its sheet are open again. Commits."""
    application_sheets.lock_of(application_id)
    return _simple(actor, application_id, version, ApplicationMove.WITHDRAW)


def clear(actor: Actor, application_id: UUID, version: int) -> Application:
    """Remove the entry of a refused deletion: other business is possible again (M1, R113). Commits."""
    return _simple(actor, application_id, version, ApplicationMove.CLEAR)


def _simple(actor: Actor, application_id: UUID, version: int, what: ApplicationMove) -> Application:
    found = _own(actor, application_id, version)
    if pending.on([found.id]):
        raise TooLate(N_("已经有人作了决定，拿不回来了。"))
    move(actor, found, what)
    if what == ApplicationMove.WITHDRAW:
        application_sheets.release(found)
    db.session.commit()
    return found


def again(actor: Actor, application_id: UUID) -> Application:
    """A new draft with the values and files of a refused application, linked to it (H5, R104). Commits."""
    sheet = application_sheets.lock_of(application_id)
    old = lists.find(actor, Application, application_id)
    if old.state not in REFUSED or old.kind == ApplicationKind.DELETION:
        raise TooLate(N_("只有没有通过的申请才能重新提。"))
    values = {item: both["new"] for item, both in old.values.items()}
    facts = {"origin": old.origin, "sheet_id": old.sheet_id, "previous_id": old.id, "keep": old.items}
    made = new(actor, old.pupil_id, ApplicationKind(old.kind), values, old.reason or "", **facts)
    application_sheets.copy_files(old, made)
    application_sheets.follow(actor, old, made, sheet)
    db.session.commit()
    return made


def move(actor: Actor | None, found: Application, what: ApplicationMove, reason: str | None = None) -> None:
    """Apply one move and write its step; nothing else changes the state of an application.

    Raises `NotAllowedNow` for a pair that is not in the table and `Refusal` when a reason is missing (R87). The caller
    has locked the application and commits.
    """
    reason = (reason or "").strip()
    pending.require_reason(what in NEEDS_REASON, reason)
    before = ApplicationState(found.state)
    found.state = after(ApplicationKind(found.kind), found.at_school, before, what)
    found.since = now()
    if found.state not in OPEN:
        found.decided_at = found.since
    record(actor, found, what.value, found.school_id, states=(before, found.state), reason=reason or None)


def end_proof(actor: Actor, pupil_id: UUID) -> None:
    """Give up a proof of identity that is still open and not needed any more. The caller has locked the pupil and
    commits; a decision that waits on it lapses."""
    open_ = (Application.kind == ApplicationKind.IDENTITY, Application.state.in_(OPEN))
    query = select(Application).where(Application.pupil_id == pupil_id, *open_).with_for_update()
    for found in db.session.scalars(query):
        if found.state == ApplicationState.WITH_LEADER:
            move(actor, found, ApplicationMove.TAKE_BACK)
        move(actor, found, ApplicationMove.WITHDRAW)


def decision_on(found: Application) -> Decision | None:
    """The decision on an application that can still be undone, if one waits."""
    return pending.on([found.id]).get(found.id)
