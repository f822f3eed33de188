"""Of an account only the posts inside the own place are shown (R126, R130)."""

from __future__ import annotations

from portal.rules.roles import Role
from portal.services import staff_accounts
from tests.make import Make


def test_a_post_at_another_school_is_not_shown(make: Make) -> None:
    registrar = make.actor(Role.REGISTRAR, make.school())
    user, far = make.user(Role.TEACHER, make.class_()), make.class_(make.school("2199000002", "试验市第二小学"))
    make.post(user, Role.TEACHER, far)
    posts = staff_accounts.account(registrar, user.id).posts
    assert [post.place_id for post in posts] == [make.class_().id]
    county = make.actor(Role.REGISTRAR, make.county())
    assert len(staff_accounts.account(county, user.id).posts) == 2
