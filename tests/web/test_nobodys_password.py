"""No route lets one person choose another's password (sec-A46)."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Guardianship, Step, User, db
from portal.rules.roles import Role
from portal.services import accounts, appointing, family_help, teacher_logins
from portal.services.password_hashes import matches
from portal.web.guard import TOKEN_NAME
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.press import unlock

CHOSEN = "chosen-by-another-9"
#: whatever a form could call a password
FIELDS = ("old", "new", "password", "password_hash", "first_password", "code", "secret", "second", "must_change")


@pytest.mark.parametrize("who", ["registrar", "county"])
def test_no_route_lets_one_person_set_anothers_password(
    app: Flask, make: Make, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """sec-A46: every unsafe route is sent every field a password could be called, about somebody within reach."""
    for module in (appointing, family_help, teacher_logins):
        monkeypatch.setattr(module, "print_login_slips", lambda slips, out: None)
    make.window()
    school, class_ = make.school(), make.class_()
    place = {"registrar": school, "county": make.county()}[who]
    actor_user = make.user(Role.REGISTRAR, place)
    token = accounts.sign_in(actor_user.login, PASSWORD)
    unlock(make, school.id, make.user(Role.REGISTRAR, school).id)
    targets = [make.user(Role.LEADER, school), make.user(Role.OPERATOR, school), make.user(Role.TEACHER, class_)]
    targets.append(make.guardian(make.pupil(class_)))
    ids = {"class_id": class_.id, "guardianship_id": db.session.scalars(select(Guardianship)).one().id}
    ids["place_id"] = place.id
    _post_everywhere(app, actor_user, token, targets, ids)
    db.session.rollback()
    owners = [user.login for user in db.session.scalars(select(User)) if matches(user.password_hash, CHOSEN)]
    assert owners == []
    moves = set(db.session.scalars(select(Step.move).where(Step.by_id == actor_user.id)))
    assert moves & {"RESET_LOGIN", "RESET_FAMILY_PASSWORD"}, "nothing was reached"


def _post_everywhere(app: Flask, who: User, token: str, targets: list[User], ids: dict[str, UUID]) -> None:
    """Every unsafe route, about each target where it names one."""
    browser = Browser(app)
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint in ("web.password", "web.sign_out"):
            continue
        for target in targets:
            known = ids | {"user_id": target.id}
            values = {name: known.get(name, UUID(int=7)) if name.endswith("_id") else "x" for name in rule.arguments}
            try:
                address = app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method="POST")
            except Exception:
                continue
            browser._fresh()
            if accounts.actor_of(token) is None:
                token = accounts.begin(who, who.posts[0])
            with browser.client.session_transaction() as cookie:
                cookie[TOKEN_NAME] = token
            data = dict.fromkeys(FIELDS, CHOSEN) | {"user": target.id.hex, "login": target.login, "name": "x"}
            part = {"HX-Request": "true"}  # refusals answer with one sentence instead of a page
            assert browser.client.post(address, data=data, headers=part).status_code < 500, address
            if "user_id" not in rule.arguments and "guardianship_id" not in rule.arguments:
                break
