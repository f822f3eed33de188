"""Answering: who sees which question, answers, one level up by hand and when due, closing (O2, O8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from portal.models import Sheet, Step, Ticket, db
from portal.rules.clock import now
from portal.rules.roles import Actor, Role
from portal.rules.tickets import closes
from portal.rules.workflow import SheetState
from portal.services import ticket_answers, ticket_notices, tickets
from portal.services.doors import Opened
from portal.services.refusals import NotFound, Refusal, TooLate
from portal.services.ticket_moves import raise_due
from portal.services.ticket_threads import thread_of
from portal.services.tickets import Asker
from tests.make import Make

NUMBER = "990101201403120157"


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


@pytest.fixture
def asked(sheet: Sheet) -> tuple[UUID, Asker]:
    """A question from a paper, and who asked it."""
    code = tickets.ask(Asker(None), f"号码是 {NUMBER} 吗", "parents.landing", Opened(sheet.id, None))
    assert code is not None
    return db.session.scalars(select(Ticket.id)).one(), Asker(None, (code,))


@pytest.fixture
def teacher(make: Make) -> Actor:
    return make.actor(Role.TEACHER, make.class_())


@pytest.fixture
def registrar(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.school())


@pytest.fixture
def county(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


def ticket(ticket_id: UUID) -> Ticket:
    return db.session.get_one(Ticket, ticket_id)


def late(ticket_id: UUID) -> datetime:
    return ticket(ticket_id).due_at


def test_class_teacher_and_registrar_see_it_and_nobody_else(
    make: Make, asked: tuple[UUID, Asker], teacher: Actor, registrar: Actor, county: Actor
) -> None:
    strangers = [
        make.actor(Role.TEACHER, make.class_(code="2020107", name="六年级（7）班")),
        make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学")),
        county,
        make.actor(Role.REGISTRAR, make.province()),
    ]
    for actor in (teacher, registrar, make.actor(Role.LEADER, make.school())):
        assert ticket_answers.find(actor, asked[0])[1]
        assert [row.id for row in ticket_answers.questions(actor).waiting] == [asked[0]]
        assert ticket_answers.waiting_count(actor) == 1
    for actor in strangers:
        with pytest.raises(NotFound):
            ticket_answers.find(actor, asked[0])
        acts: list[Callable[..., None]] = [ticket_answers.answer, ticket_answers.send_up]
        for act in acts:
            with pytest.raises(NotFound):
                act(actor, asked[0], "x")
        with pytest.raises(NotFound):
            ticket_answers.close(actor, asked[0])
        assert ticket_answers.waiting_count(actor) == 0


def test_an_answer_reaches_the_asker(asked: tuple[UUID, Asker], registrar: Actor) -> None:
    ticket_answers.answer(registrar, asked[0], " 是的。\r\n请看第 2 页。 ")
    told = ticket_notices.told(asked[1], "parents.landing")
    assert told.text == "是的。\n请看第 2 页。"
    assert told.answered_by == "试验市第一小学"
    assert ticket_notices.told(asked[1], "web.home").text == ""
    assert ticket_answers.waiting_count(registrar) == 0
    lines = thread_of(ticket(asked[0]), None, own=True).said
    assert [(line.who, line.place) for line in lines] == [("家长", ""), ("学籍管理员", "试验市第一小学")]


def test_an_empty_or_endless_answer_is_refused(asked: tuple[UUID, Asker], registrar: Actor) -> None:
    for text in (" ", "长" * 1001):
        with pytest.raises(Refusal):
            ticket_answers.answer(registrar, asked[0], text)
    assert ticket(asked[0]).state == "open"


def test_asking_again_waits_again_with_new_days(asked: tuple[UUID, Asker], registrar: Actor) -> None:
    ticket_answers.answer(registrar, asked[0], "是的")
    ticket(asked[0]).due_at = now() - timedelta(days=1)
    tickets.add(asked[1], asked[0], "还是不懂")
    assert ticket(asked[0]).state == "open"
    assert ticket(asked[0]).due_at > now()
    row = ticket_answers.questions(registrar).waiting[0]
    assert row.words == "还是不懂"
    assert not row.late


def test_nobody_buries_an_open_question(asked: tuple[UUID, Asker], registrar: Actor) -> None:
    with pytest.raises(TooLate):
        ticket_answers.close(registrar, asked[0])
    ticket_answers.answer(registrar, asked[0], "是的")
    ticket_answers.close(registrar, asked[0])
    with pytest.raises(TooLate):
        ticket_answers.answer(registrar, asked[0], "再说")
    assert ticket_notices.told(asked[1], "parents.landing").answered_id is None


def test_a_teacher_hands_it_to_the_school_within_the_same_time(
    asked: tuple[UUID, Asker], teacher: Actor, registrar: Actor
) -> None:
    before = late(asked[0])
    ticket_answers.send_up(teacher, asked[0], "请学校看")
    assert ticket(asked[0]).place.id == registrar.place_id
    assert late(asked[0]) == before
    assert ticket_answers.waiting_count(teacher) == 0
    assert ticket_answers.find(registrar, asked[0])[1]


def test_what_is_due_goes_to_the_county_and_on_to_the_province(
    make: Make, asked: tuple[UUID, Asker], registrar: Actor, county: Actor
) -> None:
    """O8"""
    assert raise_due(late(asked[0]) - timedelta(seconds=1)) == 0
    assert raise_due(late(asked[0])) == 1
    assert ticket(asked[0]).state == "escalated"
    assert [row.id for row in ticket_answers.questions(county).waiting] == [asked[0]]
    assert ticket_answers.find(registrar, asked[0]) == (ticket(asked[0]), False)
    assert [row.id for row in ticket_answers.questions(registrar).passed] == [asked[0]]
    with pytest.raises(NotFound):
        ticket_answers.answer(registrar, asked[0], "zu spät")
    for _ in range(2):
        assert raise_due(late(asked[0])) == 1
    assert ticket(asked[0]).place == make.province()
    assert raise_due(late(asked[0]) + timedelta(days=90)) == 0, "nobody is above the province"
    said = thread_of(ticket(asked[0]), None, own=True).said
    assert [line.moved_to for line in said if line.moved_to] == ["试验一区教育局", "试验市教育局", "试验省教育厅"]
    steps = db.session.scalars(select(Step).where(Step.thing_id == asked[0], Step.move == "SEND_UP")).all()
    assert [step.by_id for step in steps] == [None] * 3


def test_a_school_of_the_prefecture_goes_to_the_prefecture(make: Make) -> None:
    school = make.school("2199000009", "市属小学", make.prefecture())
    sheet = make.sheet(SheetState.ISSUED, make.pupil(make.class_(school)))
    tickets.ask(Asker(None), "谁管", "parents.landing", Opened(sheet.id, None))
    found = db.session.scalars(select(Ticket)).one()
    raise_due(found.due_at)
    assert found.place == make.prefecture()


def test_levels_above_the_school_read_no_id_number(asked: tuple[UUID, Asker], registrar: Actor, county: Actor) -> None:
    at_school = thread_of(ticket(asked[0]), registrar)
    assert NUMBER in at_school.said[0].text
    assert at_school.pupil == "林＊试"
    ticket_answers.send_up(registrar, asked[0], f"写成 {NUMBER} 了")
    above = thread_of(ticket(asked[0]), county)
    assert all(NUMBER not in line.text for line in above.said)
    assert above.pupil == ""
    assert above.sheet_id is None
    assert NUMBER not in ticket_answers.questions(county).waiting[0].words
    assert NUMBER in thread_of(ticket(asked[0]), None, own=True).said[0].text


def test_after_an_answer_the_asker_may_ask_the_level_above(
    asked: tuple[UUID, Asker], registrar: Actor, county: Actor
) -> None:
    ticket_answers.answer(registrar, asked[0], "不知道")
    tickets.add(asked[1], asked[0], "", up=True)
    assert ticket_answers.waiting_count(county) == 1
    assert ticket_answers.waiting_count(registrar) == 0
    ticket_answers.answer(county, asked[0], "是的")
    assert ticket_notices.told(asked[1], "parents.landing").answered_by == "试验一区教育局"
    with pytest.raises(TooLate):
        ticket_answers.send_up(county, asked[0])


def test_an_authority_is_told_how_many_wait_below(asked: tuple[UUID, Asker], county: Actor) -> None:
    ticket(asked[0]).due_at = now() - timedelta(hours=1)
    db.session.commit()
    listed = ticket_answers.questions(county)
    assert (listed.count, listed.below, listed.below_late) == (0, 1, 1)


def test_an_answer_nobody_comes_back_to_is_closed(asked: tuple[UUID, Asker], registrar: Actor) -> None:
    ticket_answers.answer(registrar, asked[0], "是的")
    answered = ticket(asked[0]).answered_at
    assert answered is not None
    assert raise_due(closes(answered) - timedelta(seconds=1)) == 0
    assert raise_due(closes(answered)) == 1
    assert ticket(asked[0]).state == "closed"


def test_who_answers_is_named_by_role_and_school(asked: tuple[UUID, Asker], teacher: Actor) -> None:
    ticket_answers.answer(teacher, asked[0], "是的")
    said = thread_of(ticket(asked[0]), None, own=True).said
    assert (said[-1].who, said[-1].place) == ("班主任", "试验市第一小学")
