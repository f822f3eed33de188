"""Full views are counted and written down; above the budget only a fresh proof and a reason lead on (sec-A34)."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.models import SignIn, Step, Viewed, db
from portal.rules.check_groups import GROUPS
from portal.rules.clock import now
from portal.rules.roles import Role
from portal.services import second_step, viewing
from portal.services.refusals import Refusal
from portal.services.viewing import TooMany
from tests.make import PASSWORD, Make
from tests.pages import Browser


@pytest.fixture
def small(app: Flask) -> Flask:
    """Budgets of three and two."""
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], views_school=3, views_authority=2)
    return app


def _moves() -> list[str]:
    wanted = (viewing.RECORD, viewing.MASS, viewing.MORE)
    return list(db.session.scalars(select(Step.move).where(Step.move.in_(wanted)).order_by(Step.at)))


def _forget_proofs() -> None:
    db.session.execute(update(SignIn).values(proven_at=None))
    db.session.commit()


def test_a_budget_ends_in_an_alarm_and_goes_on_with_proof_and_reason(small: Flask, make: Make) -> None:
    actor, pupils = make.actor(Role.REGISTRAR, make.school()), [make.pupil() for _ in range(8)]
    for pupil in [*pupils[:3], *pupils[:3]]:  # what was seen today counts once
        viewing.look(actor, pupil, viewing.RECORD)
    assert viewing.seen_today(actor) == 3
    for _ in range(3):
        with pytest.raises(TooMany):
            viewing.look(actor, pupils[3], viewing.RECORD)
    assert viewing.seen_today(actor) == 3
    viewing.look(actor, pupils[0], viewing.RECORD)
    assert _moves() == [viewing.RECORD] * 3 + [viewing.MASS]
    _forget_proofs()
    with pytest.raises(second_step.Unproven):
        viewing.ask_for_more(actor, "整班核对")
    db.session.get_one(SignIn, actor.session_id).proven_at = now()
    db.session.commit()
    with pytest.raises(Refusal):
        viewing.ask_for_more(actor, " a ")
    viewing.ask_for_more(actor, "整班核对")
    for pupil in pupils[3:6]:
        viewing.look(actor, pupil, viewing.RECORD)
    with pytest.raises(TooMany):
        viewing.look(actor, pupils[6], viewing.RECORD)
    assert _moves()[4:] == [viewing.MORE, *[viewing.RECORD] * 3, viewing.MASS]


def test_teachers_look_at_the_own_class_freely_and_people_do_not_share_a_budget(small: Flask, make: Make) -> None:
    pupils = [make.pupil() for _ in range(4)]
    teacher = make.actor(Role.TEACHER, make.class_())
    county, other = make.actor(Role.REGISTRAR, make.county()), make.actor(Role.REGISTRAR, make.county())
    for pupil in pupils:
        viewing.look(teacher, pupil, viewing.RECORD)
    assert viewing.seen_today(teacher) == 0
    for pupil in pupils[:2]:
        viewing.look(county, pupil, viewing.RECORD)
    with pytest.raises(TooMany):
        viewing.look(county, pupils[2], viewing.RECORD)
    viewing.look(other, pupils[2], viewing.RECORD)


def test_parallel_views_are_all_counted(small: Flask, make: Make) -> None:
    actor, pupils = make.actor(Role.REGISTRAR, make.school()), [make.pupil() for _ in range(6)]
    ids, outcomes = [pupil.id for pupil in pupils], []
    model = type(pupils[0])
    db.session.rollback()

    def see(one: object) -> None:
        with small.app_context():
            try:
                viewing.look(actor, db.session.get_one(model, one), viewing.RECORD)
                outcomes.append("seen")
            except TooMany:
                outcomes.append("refused")

    threads = [Thread(target=see, args=[one]) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused"] * 3 + ["seen"] * 3
    assert db.session.scalars(select(Viewed.rows)).one() == 3


def test_the_screen_asks_for_a_reason_and_leads_back(small: Flask, make: Make, browser: Browser) -> None:
    user, pupils = make.user(Role.REGISTRAR, make.school()), [make.pupil() for _ in range(4)]
    browser.sign_in(user.login, PASSWORD)
    addresses = [f"/staff/maintenance/{pupil.id}/{GROUPS[0].code}" for pupil in pupils]
    for address in addresses[:3]:
        browser.get(address)
    asked = browser.get(addresses[3], status=302).location or ""
    assert asked.startswith("/more?next=")
    _forget_proofs()
    proof = browser.get(asked, status=302).location or ""
    assert browser.post(proof, {"code": PASSWORD}).location == asked
    assert "3" in browser.get(asked).text
    browser.post(asked, {"reason": ""}, status=400)
    assert browser.post(asked, {"reason": "新生核对"}, status=302).location == addresses[3]
    browser.get(addresses[3])
