"""Who watches over the others holds no other post: security officer, auditor and system administrator are three people
(GB/T 22239 level 3, research section 8)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from portal.models import Place, Post, User, db
from portal.rules.roles import OFFICERS, Role
from portal.rules.words import N_
from portal.services import staff_accounts
from portal.services.refusals import Refusal

_APART = N_("安全管理员、审计员和系统管理员要由三个人做，也不能兼别的岗位：看着别人的人，不做被看的事。")


def require_alone(live: Sequence[Post], role: Role) -> None:
    """Refuse a further post to an officer, and an officer's post to who has another one."""
    if live and (role in OFFICERS or any(Role(post.role) in OFFICERS for post in live)):
        raise Refusal(_APART)


def require_another_person(place: Place, role: Role, name: str) -> None:
    """Refuse a second account under the same real name at a place when one of the two is an officer's."""
    query = select(User, Post.role).join(Post, Post.user_id == User.id).where(Post.place_id == place.id)
    query = query.where(User.ended_at.is_(None), staff_accounts.is_live_now())
    for user, other in db.session.execute(query):
        if (role in OFFICERS or Role(other) in OFFICERS) and user.name == name:
            raise Refusal(_APART)
