"""Who works where: invited, given another post, ended, reset, signed out; inside the own reach only (P1, P2, R126)."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from sqlalchemy import select, update

from portal.models import Place, Post, Step, User, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.services import accounts, appointing, staff_accounts, teacher_logins
from portal.services.refusals import NotFound, NotYours, Refusal, TooLate
from portal.services.staff_accounts import Asked
from tests.make import PASSWORD, Make
from tests.press import unlock


@pytest.fixture
def registrar(make: Make) -> Actor:
    """Signed in at an unlocked school with one class."""
    make.window()
    make.class_()
    actor = make.actor(Role.REGISTRAR, make.school())
    unlock(make, actor.place_id, actor.user_id)
    return actor


@pytest.fixture
def county(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


def post_of(user: User) -> Post:
    return db.session.scalars(select(Post).where(Post.user_id == user.id)).one()


def moves(user_id: object) -> list[str]:
    return list(db.session.scalars(select(Step.move).where(Step.thing_id == user_id).order_by(Step.at)))


def test_an_invited_leader_comes_in_with_the_first_password_and_must_change_it(make: Make, registrar: Actor) -> None:
    """C2, P4, R98"""
    fresh = appointing.invite(registrar, registrar.place_id, Role.LEADER, " 李  校长 ")
    assert (fresh.name, fresh.login) == ("李 校长", "2199000001-leader")
    actor = accounts.actor_of(accounts.sign_in(fresh.login, fresh.password))
    assert actor is not None
    assert (actor.role, actor.must_change, actor.place_id) == (Role.LEADER, True, registrar.place_id)
    assert moves(fresh.user_id)[:1] == ["MAKE_LOGIN"]
    assert fresh.password not in repr(db.session.get_one(User, fresh.user_id).first_password_sealed)


def test_a_login_can_be_typed_and_is_given_once(registrar: Actor) -> None:
    assert appointing.invite(registrar, registrar.place_id, Role.LEADER, "李校长", "Li.Leader").login == "li.leader"
    with pytest.raises(Refusal, match="已经有人用了"):
        appointing.invite(registrar, registrar.place_id, Role.OPERATOR, "孙操作", "li.leader")
    with pytest.raises(Refusal, match="小写字母"):
        appointing.invite(registrar, registrar.place_id, Role.OPERATOR, "孙操作", "李")


@pytest.mark.parametrize(("name", "words"), [("", "实名"), ("长" * 41, "最多 40"), ("李\x00", "实名")])
def test_names_are_real_names(registrar: Actor, name: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        appointing.invite(registrar, registrar.place_id, Role.LEADER, name)


def test_pressing_twice_makes_one_account(registrar: Actor) -> None:
    appointing.invite(registrar, registrar.place_id, Role.LEADER, "李校长")
    with pytest.raises(Refusal, match="已经有这个岗位"):
        appointing.invite(registrar, registrar.place_id, Role.LEADER, "李校长")


def test_a_teacher_needs_the_unlocked_school_and_a_class_without_one(make: Make, registrar: Actor) -> None:
    """B6, C1"""
    class_ = make.class_()
    assert appointing.invite(registrar, class_.id, Role.TEACHER, "王班主").login == "000001-2020106"
    with pytest.raises(Refusal, match="已经有班主任"):
        appointing.invite(registrar, class_.id, Role.TEACHER, "赵班主")
    locked = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    other = make.class_(db.session.get_one(Place, locked.place_id))
    with pytest.raises(TooLate, match="还没有解锁"):
        appointing.invite(locked, other.id, Role.TEACHER, "赵班主")


@pytest.mark.parametrize(
    ("who", "role", "where", "refused"),
    [
        ("school", Role.REGISTRAR, "school", NotYours),
        ("school", Role.LEADER, "other school", NotFound),
        ("school", Role.LEADER, "county", NotFound),
        ("county", Role.REGISTRAR, "school", None),
        ("county", Role.TEACHER, "class", NotYours),
        ("county", Role.REGISTRAR, "county", NotYours),
        ("county", Role.LEADER, "county", None),
        ("county", Role.OPERATOR, "school", NotYours),
        ("prefecture", Role.REGISTRAR, "county", None),
        ("prefecture", Role.REGISTRAR, "school", NotYours),
        ("province", Role.REGISTRAR, "school", None),
        ("province", Role.REGISTRAR, "province", NotYours),
        ("province", Role.REGISTRAR, "class", NotYours),
    ],
)
def test_who_invites_whom(make: Make, who: str, role: Role, where: str, refused: type[Exception] | None) -> None:
    places = {
        "school": make.school(),
        "class": make.class_(),
        "other school": make.school("2199000002", "试验市第二小学"),
        "county": make.county(),
        "prefecture": make.prefecture(),
        "province": make.province(),
    }
    actor = make.actor(Role.REGISTRAR, places[who])
    if refused is None:
        assert appointing.invite(actor, places[where].id, role, "钱某人").password
        return
    with pytest.raises(refused):
        appointing.invite(actor, places[where].id, role, "钱某人")


@pytest.mark.parametrize("role", [Role.LEADER, Role.TEACHER, Role.OPERATOR])
def test_only_registrars_invite(make: Make, role: Role) -> None:
    place = make.class_() if role == Role.TEACHER else make.school()
    with pytest.raises((NotYours, NotFound)):
        appointing.invite(make.actor(role, place), make.school().id, Role.LEADER, "钱某人")


def test_what_is_offered_are_the_posts_one_gives(make: Make, registrar: Actor, county: Actor) -> None:
    assert appointing.offered(registrar) == [Role.LEADER, Role.OPERATOR, Role.TEACHER]
    assert appointing.offered(county) == [Role.REGISTRAR, Role.LEADER, Role.OPERATOR]
    assert [p.code for p in appointing.places_for(registrar)] == ["2199000001", "2020106"]
    assert [p.code for p in appointing.places_for(county)] == ["990101", "2199000001"]
    province = make.actor(Role.REGISTRAR, make.province())
    assert appointing.offered(province)[:4] == [Role.REGISTRAR, Role.LEADER, Role.OPERATOR, Role.SECURITY]


def test_ending_the_last_post_ends_the_account_at_once_and_deletes_nothing(make: Make, registrar: Actor) -> None:
    user = make.user(Role.LEADER, make.school())
    token = accounts.sign_in(user.login, PASSWORD)
    appointing.end_post(registrar, user.id, post_of(user).id)
    assert accounts.actor_of(token) is None
    with pytest.raises(Refusal):
        accounts.sign_in(user.login, PASSWORD)
    assert db.session.get_one(User, user.id).name == "周试验"
    assert moves(user.id)[-2:] == ["END_POST", "END_LOGIN"] or set(moves(user.id)[-2:]) == {"END_POST", "END_LOGIN"}
    with pytest.raises(TooLate):
        appointing.end_post(registrar, user.id, post_of(user).id)


def test_ending_one_of_two_posts_keeps_the_other(make: Make, registrar: Actor) -> None:
    user = make.user(Role.TEACHER, make.class_())
    second = make.class_(code="2020107", name="六年级（7）班")
    before = accounts.sign_in(user.login, PASSWORD)
    appointing.give_post(registrar, user.id, second.id, Role.TEACHER)
    assert accounts.actor_of(before) is None, "nor does an open browser get more than it had"
    token = accounts.sign_in(user.login, PASSWORD)
    first = next(post for post in user.posts if post.place_id == make.class_().id)
    appointing.end_post(registrar, user.id, first.id)
    assert accounts.actor_of(token) is None, "sign-ins end at once"
    actor = accounts.actor_of(accounts.sign_in(user.login, PASSWORD))
    assert actor is not None
    assert actor.place_id == second.id


def test_the_last_registrar_stays_until_somebody_follows(make: Make, county: Actor) -> None:
    user = make.user(Role.REGISTRAR, make.school())
    with pytest.raises(Refusal, match="最后一个"):
        appointing.end_post(county, user.id, post_of(user).id)
    db.session.rollback()
    appointing.invite(county, make.school().id, Role.REGISTRAR, "接手人")
    appointing.end_post(county, user.id, post_of(user).id)
    assert db.session.get_one(User, user.id).ended_at is not None


def test_nobody_ends_or_resets_the_own_account(county: Actor) -> None:
    assert county.user_id is not None
    user = db.session.get_one(User, county.user_id)
    with pytest.raises(NotYours):
        appointing.end_post(county, user.id, post_of(user).id)
    with pytest.raises(Refusal, match="换密码"):
        appointing.reset(county, user.id)
    with pytest.raises(Refusal, match="您自己的"):
        appointing.give_post(county, user.id, county.place_id, Role.LEADER)


def test_a_reset_gives_a_one_time_password_and_ends_sign_ins_and_waiting(make: Make, county: Actor) -> None:
    """P1, C4, sec-A46"""
    user = make.user(Role.REGISTRAR, make.school())
    token = accounts.sign_in(user.login, PASSWORD)
    for _ in range(5):
        with pytest.raises(Refusal):
            accounts.sign_in(user.login, "wrong")
    fresh = appointing.reset(county, user.id)
    assert accounts.actor_of(token) is None
    actor = accounts.actor_of(accounts.sign_in(user.login, fresh.password))
    assert actor is not None
    assert actor.must_change


def test_a_colleague_of_the_own_level_can_be_reset_but_not_ended(make: Make, county: Actor) -> None:
    """P1"""
    colleague = make.user(Role.REGISTRAR, make.county())
    assert appointing.reset(county, colleague.id).password
    with pytest.raises(NotYours):
        appointing.end_post(county, colleague.id, post_of(colleague).id)


def test_a_second_post_out_of_reach_protects_the_whole_account(make: Make, registrar: Actor) -> None:
    """A new password opens every post: whoever also works at the county is reset by the county."""
    user = make.user(Role.LEADER, make.school())
    make.post(user, Role.LEADER, make.county())
    with pytest.raises(NotYours):
        appointing.reset(registrar, user.id)
    with pytest.raises(NotYours):
        appointing.print_slip(registrar, user.id, io.BytesIO())
    view = staff_accounts.account(registrar, user.id)
    assert not view.may_reset
    assert [post.place for post in view.posts] == ["试验市第一小学"], "a post outside the own place is not shown"


def test_people_outside_do_not_exist(make: Make, registrar: Actor) -> None:
    """R126, R130"""
    far = make.user(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    above = make.user(Role.LEADER, make.county())
    family = make.guardian(make.pupil())
    for user in (far, above, family):
        for act in (appointing.reset, staff_accounts.account, staff_accounts.find):
            with pytest.raises(NotFound):
                act(registrar, user.id)
        with pytest.raises(NotFound):
            appointing.give_post(registrar, user.id, registrar.place_id, Role.LEADER)
        with pytest.raises(NotFound):
            appointing.end_post(registrar, user.id, post_of(user).id)


def test_the_slip_is_printed_once(make: Make, county: Actor) -> None:
    fresh = appointing.invite(county, make.school().id, Role.REGISTRAR, "王管籍")
    out = io.BytesIO()
    appointing.print_slip(county, fresh.user_id, out)
    text = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_range()
    assert fresh.password in text
    assert fresh.login in text
    with pytest.raises(TooLate, match="只能印一次"):
        appointing.print_slip(county, fresh.user_id, io.BytesIO())
    assert accounts.sign_in(fresh.login, fresh.password)


def test_a_teachers_first_slip_needs_the_unlocked_school_here_too(make: Make, county: Actor) -> None:
    """B6: a login named while the school is locked is no way around the download code."""
    make.window()
    class_ = make.class_()
    locked = make.actor(Role.REGISTRAR, make.school())
    user = teacher_logins.name_teacher(locked, class_.id, "王班主")
    with pytest.raises(TooLate, match="还没有解锁"):
        appointing.print_slip(locked, user.id, io.BytesIO())


def test_what_is_locked_is_read_anew(make: Make, county: Actor) -> None:
    """An account that ended while this request waited for it gets no post more."""
    fresh = appointing.invite(county, make.school().id, Role.REGISTRAR, "王管籍")
    user = staff_accounts.find(county, fresh.user_id)  # the page looks first
    ended = update(User).where(User.id == user.id).values(ended_at=now())
    db.session.execute(ended, execution_options={"synchronize_session": False})
    with pytest.raises(Refusal, match="已经停用"):
        appointing.give_post(county, user.id, make.school().id, Role.LEADER)


def test_hanging_sign_ins_are_ended_by_the_province_one_or_many(make: Make, county: Actor) -> None:
    """P2, R127"""
    province = make.actor(Role.REGISTRAR, make.province())
    users = [make.user(Role.REGISTRAR, make.school()), make.user(Role.LEADER, make.school())]
    tokens = [accounts.sign_in(user.login, PASSWORD) for user in users]
    with pytest.raises(NotYours):
        appointing.end_sign_ins(county, [users[0].id])
    db.session.rollback()
    assert appointing.end_sign_ins(province, [user.id for user in users]) == 2
    assert [accounts.actor_of(token) for token in tokens] == [None, None]
    assert accounts.actor_of(accounts.sign_in(users[0].login, PASSWORD)) is not None, "the password stays"
    assert moves(users[1].id)[-1] == "END_SIGN_INS"


def test_lists_are_by_place_role_and_state(make: Make, registrar: Actor, county: Actor) -> None:
    teacher = make.user(Role.TEACHER, make.class_(), name="王班主任")
    gone = make.user(Role.OPERATOR, make.school(), name="孙操作")
    appointing.end_post(registrar, gone.id, post_of(gone).id)
    make.user(Role.LEADER, make.school("2199000002", "试验市第二小学"))

    def names(actor: Actor, **asked: object) -> list[str]:
        total, rows = staff_accounts.accounts_of(actor, Asked(**asked))  # type: ignore[arg-type]
        assert total == len(rows)
        return [row.name for row in rows]

    assert names(registrar) == ["周试验", "王班主任"]
    assert names(registrar, role=Role.TEACHER, show="never") == ["王班主任"]
    assert names(registrar, show="ended") == ["孙操作"]
    assert names(registrar, place_id=make.class_().id) == ["王班主任"]
    assert names(registrar, show="inside") == ["周试验"]
    assert len(names(county)) == 4
    assert names(county, role=Role.TEACHER) == ["王＊＊任"], "a county needs no teacher's full name"
    with pytest.raises(NotFound):
        names(registrar, place_id=make.county().id)
    assert staff_accounts.account(registrar, teacher.id).may_manage


def test_fifty_to_a_page(make: Make, registrar: Actor) -> None:
    for n in range(51):
        user = User(home_id=registrar.place_id, login=f"x-{n:03d}", name="某某", password_hash="")
        db.session.add(user)
        post = Post(user_id=user.id, place_id=registrar.place_id, path=registrar.path, role=Role.OPERATOR)
        post.begins = make.round().begins
        db.session.add(post)
    db.session.commit()
    total, rows = staff_accounts.accounts_of(registrar, Asked())
    assert (total, len(rows)) == (52, 50)
    assert len(staff_accounts.accounts_of(registrar, Asked(page=2))[1]) == 2
