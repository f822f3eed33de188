"""People and how they get in: users, posts, server-side sign-ins, and the tries that slow guessing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Entity, Path
from portal.models.places import Place
from portal.models.sealed import Sealed
from portal.rules.clock import now
from portal.rules.roles import Role


class User(Entity, Base):
    """A real-name account (B4); a family's login is the blind index of its phone number.

    `epoch` rises when the password, a post or the second step changes and ends all sign-ins. `second` is the secret of
    the authenticator app; `second_step` the last time step that was used, so that no code works twice (sec-A47).
    """

    __tablename__ = "user"

    home_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"), index=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    first_password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    password_hash: Mapped[str] = mapped_column(String(120))
    must_change: Mapped[bool] = mapped_column(default=True)
    epoch: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    last_in_at: Mapped[datetime | None]
    previous_in_at: Mapped[datetime | None]
    second_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    second_on_at: Mapped[datetime | None]
    second_step: Mapped[int] = mapped_column(default=0, server_default="0")

    name = Sealed(lambda user: (user.home_id, None))
    phone = Sealed(lambda user: (user.home_id, None))
    first_password = Sealed(lambda user: (user.home_id, None))
    second = Sealed(lambda user: (user.home_id, None))
    home: Mapped[Place] = relationship()
    posts: Mapped[list[Post]] = relationship(back_populates="user", order_by="Post.begins")


class Post(Entity, Base):
    """A role at a place, with dates."""

    __tablename__ = "post"
    __table_args__ = (Index("ix_post_place_role", "place_id", "role"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("place.id"))
    path: Mapped[str] = mapped_column(Path, index=True)
    role: Mapped[Role] = mapped_column(String(12))
    begins: Mapped[date]
    ends: Mapped[date | None]

    user: Mapped[User] = relationship(back_populates="posts")
    place: Mapped[Place] = relationship()


class SignIn(Entity, Base):
    """A server-side session; the cookie holds only the token whose hash stands here.

    `origin_id` is the first sign-in of the chain that this one continues after a change of the password, the second
    step or the post (B7).
    `proven_at` is when the second step, or the password where there is none, was last shown. Without a post it waits
    for the second step. `browser` is a word for the owner's list, such as "phone wechat".
    """

    __tablename__ = "sign_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey("post.id"))
    origin_id: Mapped[UUID | None] = mapped_column(ForeignKey("sign_in.id"))
    epoch: Mapped[int]
    begun_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    proven_at: Mapped[datetime | None]
    browser: Mapped[str | None] = mapped_column(String(20))
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    post: Mapped[Post | None] = relationship()


class RecoveryCode(Entity, Base):
    """One of the codes that stand in for a lost authenticator app, each good for one use; only its hash is kept."""

    __tablename__ = "recovery_code"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[datetime | None]


#: what tries are written for; the last four are buckets beside the thing itself (sec 5.4)
TRY_KINDS = (
    "sign_in",
    "code",
    "download",
    "reset",
    "claim",
    "receipt",
    "second",
    "device",
    "address",
    "province",
    "work",
)


class Try(Entity, Base):
    """One failed attempt, written before it is judged; buckets are keyed hashes, never the login or address itself."""

    __tablename__ = "try"
    __table_args__ = (
        Index("ix_try_bucket_at", "bucket", "at"),
        CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in TRY_KINDS)})", name="kind"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    bucket: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=now)
    failed: Mapped[bool] = mapped_column(default=True)
