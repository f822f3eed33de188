"""Accounts on the screen: invite, show once, slip, reset, end, second post and the choice of a post (P1, P4, P6)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.models import User, db
from portal.rules.roles import Role
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.press import unlock


@pytest.fixture
def registrar(browser: Browser, make: Make) -> User:
    """Signed in at an unlocked school of two classes."""
    make.window()
    make.class_()
    make.class_(code="2020107", name="六年级（7）班")
    user = make.user(Role.REGISTRAR, make.school(), name="周管籍")
    browser.sign_in(user.login, PASSWORD)
    unlock(make, user.home_id, user.id)
    return user


@pytest.fixture
def county(browser: Browser, make: Make) -> User:
    make.school()
    user = make.user(Role.REGISTRAR, make.county(), name="钱区管")
    browser.sign_in(user.login, PASSWORD)
    return user


def user_named(name: str) -> User:
    return next(user for user in db.session.scalars(select(User)) if user.name == name)


def test_an_invited_teacher_sees_only_the_password_form_until_it_is_changed(
    browser: Browser, registrar: User, make: Make
) -> None:
    """C2, R98"""
    form = browser.get("/staff/accounts/new")
    assert [i["value"] for i in form.all("input[name=role]")] == ["LEADER", "OPERATOR", "TEACHER"]
    data = {"name": "王班主", "role": "TEACHER", "place": make.class_().id.hex, "login": ""}
    fresh = browser.post("/staff/accounts/new", data, status=200)
    password = fresh.all(".receipt")[0].get_text()
    assert "只在这里显示这一次" in fresh.text
    again = browser.get(f"/staff/accounts/{user_named('王班主').id}")
    assert password not in again.html
    browser.post("/sign-out")
    assert browser.sign_in("000001-2020106", password).location == "/password"
    assert browser.get("/class", status=302).location == "/password"
    browser.post("/password", {"old": password, "new": "seven green lamps"})


def test_the_slip_comes_once_as_pdf(browser: Browser, registrar: User) -> None:
    browser.post("/staff/accounts/new", {"name": "李校长", "role": "LEADER"}, status=200)
    leader = user_named("李校长").id
    db.session.rollback()
    assert browser.post(f"/staff/accounts/{leader}/slip", status=200).answer.content_type == "application/pdf"
    assert "只能印一次" in browser.post(f"/staff/accounts/{leader}/slip", status=409).text


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(browser: Browser, registrar: User) -> None:
    page = browser.post("/staff/accounts/new", {"name": "", "role": "TEACHER", "place": ""}, status=400)
    assert "实名" in page.text
    page = browser.post("/staff/accounts/new", {"name": "王班主", "role": "TEACHER", "place": ""}, status=400)
    assert "请选在哪里" in page.text
    assert page.all("input[name=name]")[0]["value"] == "王班主"
    page = browser.post("/staff/accounts/new", {"name": "李", "role": "LEADER", "login": registrar.login}, status=400)
    assert "已经有人用了" in page.text
    browser.post("/staff/accounts/new", {"name": "李", "role": "REGISTRAR"}, status=400)


def test_a_reset_shows_the_password_once_and_ending_stops_the_account(
    browser: Browser, registrar: User, make: Make
) -> None:
    leader = make.user(Role.LEADER, make.school(), name="李校长")
    leader_id, post_id = leader.id, leader.posts[0].id
    assert len(browser.post(f"/staff/accounts/{leader_id}/reset", status=200).all(".receipt")) == 1
    browser.post(f"/staff/accounts/{leader_id}/end", {"post": post_id.hex})
    page = browser.get(f"/staff/accounts/{leader_id}")
    assert "已停用" in page.text
    assert "忘了密码" not in page.text
    assert "已经停用了" in browser.post(f"/staff/accounts/{leader_id}/reset", status=409).text
    browser.post(f"/staff/accounts/{leader_id}/end", {"post": post_id.hex}, status=409)
    browser.post(f"/staff/accounts/{leader_id}/end", status=400)
    assert "李校长" in browser.get("/staff/accounts?show=ended").text


def test_lists_narrow_by_place_role_and_state(browser: Browser, registrar: User, make: Make) -> None:
    make.user(Role.TEACHER, make.class_(), name="王班主任")
    make.user(Role.OPERATOR, make.school(), name="孙操作")
    page = browser.get("/staff/accounts")
    assert {"周管籍", "王班主任", "孙操作"} <= set(page.text.split())
    assert "王班主任" not in browser.get("/staff/accounts?role=OPERATOR").text
    assert "孙操作" not in browser.get(f"/staff/accounts?place={make.class_().id.hex}").text
    assert "周管籍" not in browser.get("/staff/accounts?show=never").text
    assert "这里没有账号" in browser.get("/staff/accounts?show=ended").text
    browser.get("/staff/accounts?role=NOBODY&show=x&page=-3&place=y")
    browser.get("/staff/accounts?page=99999999999999999999")


def test_a_county_sees_teachers_masked_and_invites_a_schools_registrar(
    browser: Browser, county: User, make: Make
) -> None:
    make.user(Role.TEACHER, make.class_(), name="王班主任")
    page = browser.get("/staff/accounts")
    assert "王＊＊任" in page.text
    assert "王班主任" not in page.html
    data = {"name": "吴管籍", "role": "REGISTRAR", "place": make.school().id.hex}
    assert "2199000001-registrar" in browser.post("/staff/accounts/new", data, status=200).text
    browser.post("/staff/accounts/new", data | {"name": "x", "place": make.class_().id.hex}, status=400)
    browser.post("/staff/accounts/sign-ins", {"user": county.id.hex}, status=403)


def test_the_province_ends_hanging_sign_ins(browser: Browser, make: Make) -> None:
    """P2, R127"""
    school = make.actor(Role.REGISTRAR, make.school())
    user = make.user(Role.REGISTRAR, make.province())
    browser.sign_in(user.login, PASSWORD)
    page = browser.get("/staff/accounts?show=inside")
    assert [i["value"] for i in page.all("input[name=user]")] == [school.user_id.hex], "never the own"  # type: ignore[union-attr]
    assert "先勾上" in browser.post("/staff/accounts/sign-ins", status=400).text
    browser.post("/staff/accounts/sign-ins", {"user": school.user_id.hex})  # type: ignore[union-attr]
    assert browser.get("/staff/accounts?show=inside").all("input[name=user]") == []


def test_whoever_has_two_posts_chooses_after_the_sign_in_and_in_the_head(
    browser: Browser, registrar: User, make: Make
) -> None:
    teacher = make.user(Role.TEACHER, make.class_(), name="王班主任")
    teacher_id, login = teacher.id, teacher.login
    second = make.class_(code="2020107", name="六年级（7）班").id
    browser.post(f"/staff/accounts/{teacher_id}/posts", {"role": "TEACHER", "place": ""}, status=400)
    browser.post(f"/staff/accounts/{teacher_id}/posts", {"role": "TEACHER", "place": second.hex})
    third = make.class_(code="2020108", name="六年级（8）班")
    make.user(Role.TEACHER, third)
    data = {"role": "TEACHER", "place": third.id.hex}
    assert "已经有班主任" in browser.post(f"/staff/accounts/{teacher_id}/posts", data, status=400).text
    browser.post("/sign-out")
    assert browser.sign_in(login, PASSWORD).location == "/post"
    page = browser.get("/post")
    options = page.all("input[name=post]")
    assert len(options) == 2
    other = next(str(option["value"]) for option in options if not option.has_attr("checked"))
    assert browser.post("/post", {"post": other}).location == "/class"
    assert "（7）班" in browser.get("/class").html
    assert any(link.endswith("/post") for link in browser.get("/class").links())
    browser.post("/post", {"post": "x"}, status=404)
    browser.post("/post", {"post": registrar.posts[0].id.hex}, status=404)


def test_one_post_is_no_choice(browser: Browser, registrar: User) -> None:
    assert not any(link.endswith("/post") for link in browser.get("/staff/accounts").links())
    assert "只有一个岗位" in browser.get("/post").text


def test_in_english(browser: Browser, registrar: User, make: Make) -> None:
    teacher = make.user(Role.TEACHER, make.class_(), name="王班主任").id
    browser.english()
    for address in ("/staff/manage", "/staff/accounts", "/staff/accounts/new", f"/staff/accounts/{teacher}", "/post"):
        browser.get(address)
    browser.get("/staff/accounts?show=ended")
    browser.post("/staff/accounts/new", {"name": "李校长", "role": "LEADER"}, status=200)
    browser.post("/staff/accounts/new", {"name": "李校长", "role": "LEADER"}, status=400)
