"""Ways in of the demo: one login with a second step, and something for the security officer to look at."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal.models import Post, RecoveryCode, Try, User, db
from portal.rules import second_step as rules
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import second_tries, sign_in_tries

#: the login whose second step is on
LOGIN = "security"
#: what an authenticator app takes for it, and what stands in for the app
SECRET = "SHIYANSHENGHECHASHIYANSHENGHECHA"
CODES = tuple(f"DEMK1{n:05d}" for n in range(1, rules.RECOVERY_CODES + 1))


def add() -> None:
    """Turn the second step on, let somebody guess, let an account rest. Commits."""
    user = db.session.scalars(select(User).where(User.login == LOGIN)).one()
    user.second, user.second_on_at = SECRET, now() - timedelta(days=12)
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=second_tries.hash_of(user.id, code)) for code in CODES)
    for login, wrong in (("registrar", 2), ("leader", 9)):
        bucket = sign_in_tries.bucket_of(login)
        db.session.add_all(Try(kind="sign_in", bucket=bucket, at=now() - timedelta(hours=n + 2)) for n in range(wrong))
    for number, resting in enumerate(_leaders()):
        if number:
            resting.last_in_at = now() - timedelta(days=100 + number)
    db.session.commit()


def words() -> list[str]:
    """For the list of sign-ins."""
    codes = " ".join(rules.grouped_recovery(code) for code in CODES[:3])
    return [f"  {LOGIN} has a second step: {SECRET} in an authenticator app, or a recovery code, once each: {codes}"]


def _leaders() -> list[User]:
    query = select(User).join(Post, Post.user_id == User.id).where(Post.role == Role.LEADER).order_by(User.login)
    return list(db.session.scalars(query.limit(4)))
