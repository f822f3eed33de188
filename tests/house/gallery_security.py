"""More of the gallery's world: people with a second step, one who waits for it, the officer who watches sign-ins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from sqlalchemy import delete

from portal.models import Place, RecoveryCode, Try, User, db
from portal.rules.clock import now
from portal.rules.numbers import with_check
from portal.rules.roles import Role
from portal.services import accounts, second_tries, sign_in_work, sign_ins, slowing
from portal.services.refusals import Refusal
from tests.house.gallery_world import LONG_NAMES, World

EVERYBODY = "parent teacher registrar leader operator county prefecture province security auditor"
STAFF = EVERYBODY.removeprefix("parent ")


def add(world: World) -> None:
    """Everything of this module; the rest of the world is there."""
    county = world.make.county()
    for login, role, place, name in (
        ("security", Role.SECURITY, county, "孙看护"),
        ("security-long", Role.SECURITY, db.session.get_one(Place, world.people["county-long"].home_id), LONG_NAMES[0]),
        ("county-second", Role.REGISTRAR, county, "钱区管"),
        ("leader-second", Role.LEADER, world.make.school(), "李校长"),
    ):
        world.people[login] = world.make.user(role, place, login, name)
    if "auditor" not in world.people:
        world.people["auditor"] = world.make.user(Role.AUDITOR, county, "auditor", "周记录")
    for login, left in (("county-second", 8), ("leader-second", 2)):
        _second(world.people[login], left)
    world.things["leader with a second step"] = world.people["leader-second"].id
    for login in ("leader-second", "leader-second", "registrar", "registrar-long"):
        try:
            accounts.sign_in(login, "not the one")
        except Refusal:
            db.session.rollback()
    world.people["teacher"].last_in_at = now() - timedelta(days=120)
    db.session.commit()


def wait(world: World) -> str:
    """The token of somebody who has given the password just now, and waits for the second step."""
    return sign_ins.wait_for_second(db.session.merge(world.people["county-second"]))


@contextmanager
def guessed(app: Flask, many: bool) -> Iterator[None]:
    """A stretch in which codes and passwords have been guessed so often at the browser's address that it has to work
    first."""
    if not many:
        yield
        return
    with app.app_context():
        buckets = (slowing._bucket("address", "127.0.0.1"), sign_in_work._bucket("127.0.0.1"))
        db.session.add_all(Try(kind="address", bucket=bucket) for bucket in buckets for _ in range(100))
        db.session.commit()
    yield
    with app.app_context():
        db.session.execute(delete(Try).where(Try.bucket.in_(buckets)))
        db.session.commit()


def _second(user: User, left: int) -> None:
    user.second, user.second_on_at = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", now() - timedelta(days=30)
    for n in range(left):
        db.session.add(RecoveryCode(user_id=user.id, code_hash=second_tries.hash_of(user.id, f"{n:010d}")))
    db.session.commit()


def screens(screen: Callable[..., None]) -> None:
    """The rows of this module in the table of all screens."""
    screen("web.security", EVERYBODY + " registrar-long county-second")
    screen("web.security", "leader-second", "few codes left")
    again = "form[action='/security/second/codes'] button"
    screen("web.security", "county-second", "new codes", press=again)
    screen("web.second")
    screen("web.second", state="wrong", fill={"#code": "12"}, press="main form button", status=400)
    screen("web.second_set_up", STAFF + " registrar-long")
    screen("web.second_set_up", "registrar", "wrong", fill={"#code": "12"}, press="main form button", status=400)
    screen("web.second_set_up", "parent", status=403)
    screen("web.prove", EVERYBODY, query="next=/security")
    screen("web.prove", "county-second", "with a code", query="next=/security")
    screen("staff.officer", "security security-long")
    screen("staff.officer", "security", "nobody ticked", query="show=inside", press="main form button", status=400)
    for show in ("unused", "all", "no_second"):
        screen("staff.officer", "security", show, query=f"show={show}")
    screen("staff.manage_account", "registrar", "with a second step", user_id="leader with a second step")
    sent = {"fill": {"#code": with_check("R" + "0" * 14)}, "press": "main form button"}
    for state in ("work first", "long work first"):  # what is called long is looked at in English, too
        screen("parents.code", state=state, guessed=True, **sent)
    wrong = {"fill": {"#login": "nobody", "#password": "not the one"}, "press": "main form button"}
    for state in ("work first", "long work first"):
        screen("web.sign_in", state=state, guessed=True, **wrong)
