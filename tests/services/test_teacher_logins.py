"""Logins of class teachers: real names, slips, forced first change, reset (B4, C1-C4, R98)."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.models import Post, Step, Try, User, db
from portal.rules.clock import now, today
from portal.rules.roles import Actor, Role
from portal.services import accounts, teacher_logins
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate, Wait
from portal.services.teacher_logins import logins_of, name_teacher, name_teachers, print_slips, reset_login
from tests.make import Make
from tests.press import unlock

NEW = "seven green lamps"


class Printed:
    """Stands in for the slips: keeps what would be printed."""

    def __init__(self) -> None:
        self.slips: list[teacher_logins.LoginSlip] = []

    def __call__(self, slips: list[teacher_logins.LoginSlip], out: io.BytesIO) -> None:
        self.slips = slips
        out.write(b"%PDF")


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Printed:
    made = Printed()
    monkeypatch.setattr(teacher_logins, "print_login_slips", made)
    return made


@pytest.fixture
def registrar(make: Make) -> Actor:
    """The registrar of an unlocked school."""
    make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


def test_a_name_makes_a_login_that_must_be_changed(registrar: Actor, make: Make) -> None:
    """B4, C1, C2: real name, login of school and class, nothing but the password form first."""
    class_ = make.class_()
    user = name_teacher(registrar, class_.id, "  王  班主 ")
    assert (user.name, user.login, user.must_change) == ("王 班主", "000001-2020106", True)
    token = accounts.sign_in(user.login, user.first_password)
    actor = accounts.actor_of(token)
    assert actor is not None
    assert (actor.role, actor.path, actor.must_change) == (Role.TEACHER, class_.path, True)
    with pytest.raises(Refusal):
        accounts.change_password(actor, user.first_password, user.first_password)
    assert user.must_change
    accounts.change_password(actor, user.first_password, NEW)
    login = logins_of(registrar.place_id)[0]
    assert (login.changed, login.slip, login.teacher) == (True, False, "王 班主")


def test_slips_are_printed_until_the_password_has_been_changed(registrar: Actor, make: Make, printed: Printed) -> None:
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    name_teachers(registrar, {one.id: "王班主", two.id: "李小班"})
    assert print_slips(registrar, io.BytesIO()) == 2
    slip = printed.slips[0]
    assert (slip.class_label, slip.name, slip.login) == (one.name, "王班主", "000001-2020106")
    user = db.session.scalars(select(User).where(User.login == slip.login)).one()
    actor = accounts.actor_of(accounts.sign_in(slip.login, slip.password))
    assert actor is not None
    accounts.change_password(actor, slip.password, NEW)
    assert user.first_password is None
    assert print_slips(registrar, io.BytesIO()) == 1
    assert print_slips(registrar, io.BytesIO(), [two.id]) == 1
    with pytest.raises(Refusal, match="没有要打印的登录条"):
        print_slips(registrar, io.BytesIO(), [one.id])
    steps = db.session.scalars(select(Step).where(Step.move == "PRINT_LOGIN_SLIPS")).all()
    assert len(steps) == 3


def test_first_slips_need_the_unlocked_school(make: Make, printed: Printed) -> None:
    """B6: the list of logins is one of the two things a download code opens; a reset is not (C4)."""
    make.window()
    actor = make.actor(Role.REGISTRAR, make.school())
    user = name_teacher(actor, make.class_().id, "王班主")
    with pytest.raises(TooLate, match="还没有解锁"):
        print_slips(actor, io.BytesIO())
    assert printed.slips == []
    user.last_in_at = now() - timedelta(days=3)
    reset_login(actor, make.class_().id)
    assert print_slips(actor, io.BytesIO()) == 1


def test_a_reset_ends_sign_ins_and_waiting(registrar: Actor, make: Make, printed: Printed) -> None:
    """C4: the old password and every open session are dead, wrong tries are forgiven."""
    class_ = make.class_()
    user = name_teacher(registrar, class_.id, "王班主")
    token = accounts.sign_in(user.login, user.first_password)
    old = user.first_password
    for _ in range(5):
        with pytest.raises(Refusal):
            accounts.sign_in(user.login, "wrong")
    with pytest.raises(Wait):
        accounts.sign_in(user.login, old)
    reset_login(registrar, class_.id)
    assert accounts.actor_of(token) is None
    with pytest.raises(Refusal, match="不对"):
        accounts.sign_in(user.login, old)
    db.session.query(Try).delete()
    accounts.sign_in(user.login, user.first_password)
    assert user.must_change


def test_a_post_out_of_reach_protects_the_whole_account(registrar: Actor, make: Make, printed: Printed) -> None:
    """R126: whoever also works for the county is no way into it for the school."""
    class_, county = make.class_(), make.county()
    user = name_teacher(registrar, class_.id, "王班主")
    db.session.add(Post(user_id=user.id, place_id=county.id, path=county.path, role=Role.LEADER, begins=today()))
    db.session.commit()
    with pytest.raises(NotYours):
        reset_login(registrar, class_.id)
    with pytest.raises(Refusal, match="没有要打印"):
        print_slips(registrar, io.BytesIO())


def test_another_teacher_takes_over(registrar: Actor, make: Make) -> None:
    """The former login sees the class no more, at once; the new one has its own."""
    class_ = make.class_()
    former = name_teacher(registrar, class_.id, "王班主")
    password = former.first_password
    token = accounts.sign_in(former.login, password)
    same = name_teacher(registrar, class_.id, "王班主")
    assert same.id == former.id
    new = name_teacher(registrar, class_.id, "李小班")
    assert new.login != former.login
    assert accounts.actor_of(token) is None
    with pytest.raises(Refusal, match="没有岗位"):
        accounts.sign_in(former.login, password)
    assert former.first_password is None
    post = db.session.scalars(select(Post).where(Post.user_id == former.id)).one()
    assert post.ends is not None
    assert post.ends < today()
    assert [login.teacher for login in logins_of(registrar.place_id)] == ["李小班"]


def test_logins_never_collide(registrar: Actor, make: Make) -> None:
    name_teacher(registrar, make.class_().id, "王班主")
    twin = make.school("3399000001", "另一所学校")
    other = make.actor(Role.REGISTRAR, twin)
    class_ = make.class_(twin)
    assert name_teacher(other, class_.id, "赵一").login == "3399000001-2020106"
    assert name_teacher(other, class_.id, "赵二").login == "000001-2020106-2"


def test_names_are_asked_for(registrar: Actor, make: Make) -> None:
    class_ = make.class_()
    with pytest.raises(Refusal, match="姓名"):
        name_teacher(registrar, class_.id, "   ")
    with pytest.raises(Refusal, match="最多 40"):
        name_teacher(registrar, class_.id, "长" * 41)
    assert name_teachers(registrar, {class_.id: " "}) == 0
    with pytest.raises(Refusal, match="还没有班主任的账号"):
        reset_login(registrar, class_.id)


def test_several_are_named_all_or_none(registrar: Actor, make: Make) -> None:
    one, two = make.class_(), make.class_(code="2020107", name="六年级（7）班")
    with pytest.raises(Refusal, match="最多 40"):
        name_teachers(registrar, {one.id: "王班主", two.id: "长" * 41})
    db.session.rollback()
    assert [login.teacher for login in logins_of(registrar.place_id)] == [None, None]
    assert name_teachers(registrar, {one.id: "王班主", two.id: "李小班"}) == 2
    db.session.rollback()
    assert [login.teacher for login in logins_of(registrar.place_id)] == ["王班主", "李小班"]


def test_only_the_own_schools_classes(registrar: Actor, make: Make) -> None:
    other = make.class_(make.school("2199000002", "试验市第二小学"))
    for act in (lambda: name_teacher(registrar, other.id, "王"), lambda: reset_login(registrar, other.id)):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotFound):
        name_teacher(registrar, registrar.place_id, "王")
    with pytest.raises(NotYours):
        name_teacher(make.actor(Role.REGISTRAR, make.county()), other.id, "王")
    with pytest.raises(NotFound):
        print_slips(registrar, io.BytesIO(), [other.id])


def test_passwords_are_sealed(registrar: Actor, make: Make) -> None:
    user = name_teacher(registrar, make.class_().id, "王班主")
    assert user.first_password.encode() not in (user.first_password_sealed or b"")
    assert "王班主".encode() not in (user.name_sealed or b"")
