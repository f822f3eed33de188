"""Bulk exports: asked for with a purpose, released or refused by a second person, built, fetched once (sec-A35).

No step can be left out and none done by the same person: registrars ask, another person at the same or the next higher
level releases, and only who asked fetches, with the second step shown anew, within a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.models import Export, Place, Step, db
from portal.rules.clock import now
from portal.rules.exports import (
    LIFE,
    LONGEST,
    LONGEST_REASON,
    PATIENCE,
    SHORTEST,
    Kind,
    Purpose,
    State,
    asked_kinds,
    may_release,
)
from portal.rules.roles import Actor, Level
from portal.rules.words import N_
from portal.services import export_numbers, findings_files, lists
from portal.services.figure_workbook import clean
from portal.services.history import record
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate

#: so long nobody releases for who has given them their login: meanwhile its owner notices that it was taken
OWN_HAND = timedelta(days=3)
_GIVEN = ("MAKE_LOGIN", "RESET_LOGIN", "RESET_SECOND")
MOVED_ON = N_("刚才有了变化，请看一眼现在的情况再做。")


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `place_id`: a class or school; None is the actor's own. `numbers`: numbers in full, and
    `numbers_for` says what for."""

    kind: Kind
    purpose: Purpose
    words: str
    place_id: UUID | None = None
    numbers: bool = False
    numbers_for: str = ""


class Wrong(Refusal):
    """A field of the request cannot stay as it is; `field` names it."""

    def __init__(self, field: str, text: str, **values: object) -> None:
        super().__init__(text, **values)
        self.field = field


def ask(actor: Actor, wanted: Wanted) -> Export:
    """Ask for an export; nothing is built before somebody else has released it. Commits.

    `Wrong` for a purpose without words, `NotFound` for a place of others, `TooLate` when there is nobody to export.
    """
    if wanted.kind not in asked_kinds(actor):
        raise NotYours(N_("您的岗位不能做这件事。"))
    purpose = {
        "code": wanted.purpose.value,
        "words": _words("words", wanted.words, N_("请写清楚做什么用，至少 4 个字。")),
    }
    numbers = wanted.numbers or wanted.kind == Kind.REGISTRATION
    if wanted.numbers and wanted.kind != Kind.REGISTRATION:
        purpose["numbers"] = _words("numbers_for", wanted.numbers_for, N_("请写明为什么要完整的号码，至少 4 个字。"))
    export = export_numbers.new(actor, wanted.kind, {"numbers": numbers, **_choice(actor, wanted)}, purpose)
    export.ends_at = export.asked_at + PATIENCE
    told = export_numbers.told(export)
    record(actor, export, "ASK_EXPORT", export.place_id, states=(None, State.ASKED), reason=purpose["words"], **told)
    db.session.commit()
    return export


def _words(field: str, text: str, missing: str) -> str:
    words = " ".join(clean(text).split())
    if len(words) < SHORTEST:
        raise Wrong(field, missing)
    if len(words) > LONGEST:
        raise Wrong(field, N_("请写在 %(n)s 个字以内。"), n=LONGEST)
    return words


def _choice(actor: Actor, wanted: Wanted) -> dict[str, object]:
    if wanted.kind == Kind.REGISTRATION:
        children = [child.unlisted_id.hex for child in findings_files.to_list(actor)]
        if not children:
            raise TooLate(N_("现在没有要报的孩子。"))
        return {"children": children}
    if wanted.place_id is None and actor.level != Level.SCHOOL:
        raise Wrong("place", N_("请选一所学校。一次只能导出一所学校的名册。"))
    place = lists.find(actor, Place, wanted.place_id or actor.place_id)
    if place.level not in (Level.SCHOOL, Level.CLASS):
        raise NotFound
    return {"place": place.id.hex}


def find(actor: Actor, export_id: UUID, lock: bool = False) -> Export:
    """An export that the actor has asked for at this place, or may decide; `NotFound` for every other id."""
    export = lists.find(actor, Export, export_id, lock)
    if export.place_id != actor.place_id and not is_releaser(actor, export):
        raise NotFound
    return export


def is_releaser(actor: Actor, export: Export) -> bool:
    """Is this post one that decides about the export? Whoever asked never does."""
    place = db.session.get_one(Place, export.place_id)
    return may_release(actor, export.path, place.level == Level.SCHOOL) and actor.user_id != export.by_id


def is_own(actor: Actor, export: Export) -> bool:
    """Did this very person ask for it?"""
    return actor.user_id is not None and actor.user_id == export.by_id and actor.place_id == export.place_id


def release(actor: Actor, export_id: UUID, version: int) -> Export:
    """Let an export go; it can be built and fetched for a day from now on. Commits.

    `NotYours` for who asked for it, for who has their login from the asker since three days, and for every other post;
    `TooLate` when it has been decided or changed.
    """
    export = _to_decide(actor, export_id, version)
    export.state, export.ends_at = State.RELEASED, now() + LIFE
    return _decided(actor, export, "RELEASE_EXPORT", None)


def refuse(actor: Actor, export_id: UUID, version: int, reason: str) -> Export:
    """Do not let an export go, with the reason the asker reads. Commits. Raises as `release`, and `Wrong`."""
    reason = " ".join(clean(reason).split())
    if not reason:
        raise Wrong("reason", N_("不放行要写明原因，申请的人看得到。"))
    if len(reason) > LONGEST_REASON:
        raise Wrong("reason", N_("请写在 %(n)s 个字以内。"), n=LONGEST_REASON)
    export = _to_decide(actor, export_id, version)
    export.state, export.reason = State.REFUSED, reason
    return _decided(actor, export, "REFUSE_EXPORT", reason)


def _to_decide(actor: Actor, export_id: UUID, version: int) -> Export:
    export = find(actor, export_id, lock=True)
    if actor.user_id == export.by_id:
        raise NotYours(N_("自己申请的，要由另一个人放行。"))
    if not is_releaser(actor, export):
        raise NotYours(N_("您的岗位不能做这件事。"))
    if export.version != version or export.state != State.ASKED:
        raise TooLate(MOVED_ON)
    _require_own_hand(actor, export)
    return export


def _require_own_hand(actor: Actor, export: Export) -> None:
    """Refuse who came in with a password that the asker has just given them: it may be the asker (sec-A35, A46)."""
    given = select(Step.id).where(Step.thing_id == actor.user_id, Step.move.in_(_GIVEN), Step.by_id == export.by_id)
    if db.session.scalar(given.where(Step.at > now() - OWN_HAND).limit(1)) is not None:
        raise NotYours(N_("您的登录是申请的人刚给的。三天以后才能替这个人放行；急用请找别的能放行的人。"))


def _decided(actor: Actor, export: Export, move: str, reason: str | None) -> Export:
    export.decided_by_id, export.decided_at = actor.user_id, now()
    states = (State.ASKED, export.state)
    record(actor, export, move, export.place_id, states=states, reason=reason, **export_numbers.told(export))
    db.session.commit()
    return export
