"""Documents are read within the budget of full views, those that wait for one's own decision freely; each look is
written down (sec-A34)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.models import Application, Evidence, Step, User, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.roles import Actor, Role
from portal.services import application_documents, application_evidence, applications, viewing
from portal.services.refusals import NotFound
from portal.services.viewing import TooMany
from portal.web import filters
from tests.make import PASSWORD, Make
from tests.pages import Browser
from tests.photographs import jpeg


@pytest.fixture(autouse=True)
def small(app: Flask) -> None:
    """Budgets of two."""
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], views_school=2, views_authority=2)


@pytest.fixture
def sent(make: Make) -> list[Evidence]:
    """A document of each of four applications that wait for the county."""
    registrar, county = make.actor(Role.REGISTRAR, make.school()), make.county()
    rows = []
    for _ in range(4):
        found = applications.make(registrar, make.pupil().id, ApplicationKind.CHANGE, {"name": "林拭"})
        row_id = application_evidence.send(registrar, found.id, "name", "HUKOU_SCAN", "户口簿.jpg", jpeg())
        found.state, found.authority_id = ApplicationState.WITH_AUTHORITY, county.id
        rows.append(db.session.get_one(Evidence, row_id))
    db.session.commit()
    return rows


def looks(actor: Actor) -> int:
    """How often it was written down that this person looked at documents."""
    query = select(Step.id).where(Step.move == viewing.EVIDENCE, Step.by_id == actor.user_id)
    return len(list(db.session.scalars(query)))


def test_who_decides_reads_as_many_as_wait_and_each_is_written_down(make: Make, sent: list[Evidence]) -> None:
    county = make.actor(Role.REGISTRAR, make.county())
    for row in [*sent, *sent]:
        assert application_documents.picture(county, row.id, 1, True)
    assert (looks(county), viewing.seen_today(county)) == (4, 0)


def test_others_read_within_the_budget_and_see_small_ones_beyond(make: Make, sent: list[Evidence]) -> None:
    above = make.actor(Role.REGISTRAR, make.prefecture())
    for row in sent:
        assert application_documents.picture(above, row.id, 1, False)
    assert (looks(above), viewing.seen_today(above)) == (0, 0)
    for row in sent[:2]:
        application_documents.file(above, row.id)
        assert application_documents.picture(above, row.id, 1, True)
    assert (looks(above), viewing.seen_today(above)) == (2, 2)
    for refused in (
        lambda: application_documents.picture(above, sent[2].id, 1, True),
        lambda: application_documents.file(above, sent[2].id),
    ):
        with pytest.raises(TooMany):
            refused()
    viewing.ask_for_more(above, "上级抽查")
    assert application_documents.picture(above, sent[2].id, 1, True)
    assert db.session.get_one(Application, sent[3].application_id).state == ApplicationState.WITH_AUTHORITY


def test_what_was_decided_counts_for_who_decided_it(make: Make, sent: list[Evidence]) -> None:
    county = make.actor(Role.REGISTRAR, make.county())
    for row in sent:
        db.session.get_one(Application, row.application_id).state = ApplicationState.GRANTED
    db.session.commit()
    for row in sent[:2]:
        application_documents.picture(county, row.id, 1, True)
    with pytest.raises(TooMany):
        application_documents.picture(county, sent[2].id, 1, True)


def test_what_is_no_picture_is_not_counted_as_seen(make: Make, sent: list[Evidence]) -> None:
    above = make.actor(Role.REGISTRAR, make.prefecture())
    for nothing in (
        lambda: application_documents.picture(above, sent[0].id, 99, True),
        lambda: application_documents.download(above, sent[0].id),
    ):
        with pytest.raises(NotFound):
            nothing()
    assert (looks(above), viewing.seen_today(above)) == (0, 0)


def test_who_had_a_hand_in_it_does_not_decide_and_counts(make: Make, sent: list[Evidence]) -> None:
    county = make.actor(Role.REGISTRAR, make.county())
    db.session.get_one(Application, sent[0].application_id).sent_by_id = county.user_id
    db.session.commit()
    application_documents.picture(county, sent[0].id, 1, True)
    assert viewing.seen_today(county) == 1


def test_a_used_up_budget_keeps_nobody_from_the_own_decisions(app: Flask, make: Make, sent: list[Evidence]) -> None:
    county, pupils = make.actor(Role.REGISTRAR, make.county()), [make.pupil() for _ in range(2)]
    for pupil in pupils:
        viewing.look(county, pupil, viewing.RECORD)
    app.extensions["portal.settings"] = replace(app.extensions["portal.settings"], views_authority=1)
    assert application_documents.picture(county, sent[0].id, 1, True)
    assert (looks(county), viewing.seen_today(county)) == (1, 2)


def test_pages_lead_to_the_reason_and_back(make: Make, sent: list[Evidence], browser: Browser) -> None:
    user = make.user(Role.REGISTRAR, make.prefecture())
    browser.sign_in(user.login, PASSWORD)
    for row in sent[:2]:
        assert browser.get(f"/staff/evidence/{row.id}").status == 200
    refused = browser.client.get(f"/staff/evidence/{sent[2].id}")
    assert refused.location.endswith(f"/more?next=/staff/evidence/{sent[2].id}")


def test_cases_are_counted_before_anything_of_them_is_shown(make: Make, sent: list[Evidence], browser: Browser) -> None:
    """The list opens the first case by itself, which is no look; its pictures are, once they are fetched."""
    make.round()
    county = make.actor(Role.REGISTRAR, make.county())
    browser.sign_in(db.session.get_one(User, county.user_id).login, PASSWORD)
    browser.get("/staff/reviews")
    assert looks(county) == 0
    browser.get(f"/staff/reviews/{sent[3].application_id}")
    assert (looks(county), viewing.seen_today(county)) == (1, 0)
    for row in sent[:3]:
        db.session.get_one(Application, row.application_id).state = ApplicationState.GRANTED
    db.session.commit()
    for row in sent[:2]:
        browser.get(f"/staff/reviews/{row.application_id}")
    third = f"/staff/reviews/{sent[2].application_id}"
    assert browser.client.get(third).location.endswith(f"/more?next={third}")
    assert "/more" in browser.client.post(f"{third}/full").location
    assert db.session.scalar(select(Step.id).where(Step.move == "SEE_APPLICATION_IN_FULL")) is None


@pytest.mark.parametrize("move", [viewing.RECORD, viewing.PHOTO, viewing.EVIDENCE])
def test_each_look_has_its_words_in_every_history(app: Flask, move: str) -> None:
    with app.test_request_context():
        assert move not in (filters.move_label(move), filters.application_move(move))
