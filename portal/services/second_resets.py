"""A lost phone: whoever may reset a password may take the second step away, after seeing the person (sec-A46, R126).

The same hand never gives a new first password and takes the second step of one account: together they would let it in.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from portal.models import Step, User, db
from portal.rules.roles import Actor
from portal.rules.words import N_
from portal.services import second_step, staff_accounts
from portal.services.history import record
from portal.services.refusals import NotYours, Refusal, TooLate

_PASSWORD = ("RESET_LOGIN", "MAKE_LOGIN", "CHANGE_PASSWORD")
_SECOND = ("RESET_SECOND", "SECOND_ON", "SECOND_OFF", "CHANGE_SECOND")


def reset(actor: Actor, user_id: UUID) -> None:
    """Take the second step of somebody who lost the phone; every sign-in ends, the password stays. Commits.

    Refused for the own account, unless every post of it lies within the actor's reach, and while a first password that
    the actor has given is still waiting to be replaced.
    """
    user = staff_accounts.find(actor, user_id, lock=True)
    live = staff_accounts.live_posts(user)
    if user.id == actor.user_id:
        raise Refusal(N_("自己的第二步请在“安全”里换。"))
    if not live or user.second_on_at is None:
        raise TooLate(N_("这个账号现在没有第二步。请刷新后再看。"))
    if not staff_accounts.can_reset(actor, live):
        raise NotYours(N_("这个账号不归您管。请找这个单位的学籍管理员，或者它的上级。"))
    if user.must_change and _last_by(user.id, _PASSWORD) == actor.user_id:
        raise NotYours(
            N_("首次密码是您给的，第二步要由别人来清：找同事，或者上级。本人换好自己的密码以后，您也可以清。")
        )
    second_step.clear(user)
    user.epoch += 1
    record(actor, user, "RESET_SECOND", user.home_id, path=live[0].path)
    db.session.commit()


def require_other_hand(actor: Actor, user: User) -> None:
    """Refuse a new first password to who has just taken the second step, until a new one is set up."""
    if user.second_on_at is None and _last_by(user.id, _SECOND, "RESET_SECOND") == actor.user_id:
        raise NotYours(N_("第二步是您清的，密码要由别人来换：找同事，或者上级。本人设好新的第二步以后，您也可以换。"))


def _last_by(user_id: UUID, moves: Collection[str], move: str | None = None) -> UUID | None:
    """Who did the last of these to an account; None when it was another one than `move`."""
    query = select(Step.by_id, Step.move).where(Step.thing_id == user_id, Step.move.in_(moves))
    last = db.session.execute(query.order_by(Step.at.desc(), Step.id.desc()).limit(1)).one_or_none()
    return last.by_id if last is not None and move in (None, last.move) else None
