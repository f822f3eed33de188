"""Asking: who answers first, what is kept, whose it is, how much may wait (O1, O2, O8)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.models import Guardianship, Sheet, Step, Ticket, TicketEntry, db
from portal.rules.roles import Actor, Role
from portal.rules.tickets import LONGEST, MOST_OF_A_PAPER, MOST_OF_VISITORS, MOST_WAITING
from portal.rules.workflow import SheetState
from portal.services import accounts, tickets
from portal.services.doors import Opened
from portal.services.refusals import NotFound, Refusal, Wait
from portal.services.ticket_threads import thread_of
from portal.services.tickets import Asker
from tests.make import PASSWORD, Make

VISITOR = Asker(None)


@pytest.fixture
def sheet(make: Make) -> Sheet:
    return make.sheet(SheetState.ISSUED, make.pupil(name="林小试"))


def newest() -> Ticket:
    return db.session.scalars(select(Ticket).order_by(Ticket.made_at.desc())).all()[0]


def paper(sheet: Sheet) -> Opened:
    return Opened(sheet.id, None)


def test_a_paper_leads_to_its_class_and_school(make: Make, sheet: Sheet) -> None:
    code = tickets.ask(VISITOR, " 班级写错了 ", "parents.landing", paper(sheet))
    ticket = newest()
    assert code is not None
    assert (ticket.place, ticket.path) == (sheet.class_, sheet.class_.path)
    assert ticket.home_id == sheet.school_id
    assert ticket.sheet_id == sheet.id
    assert [entry.text for entry in ticket.entries] == ["班级写错了"]
    assert db.session.scalars(select(Step.move).where(Step.thing_id == ticket.id)).all() == ["ASK"]


def test_neither_the_words_nor_the_code_stand_in_the_database(make: Make, sheet: Sheet) -> None:
    code = tickets.ask(VISITOR, "quiet horses", "parents.landing", paper(sheet))
    assert code is not None
    tables = (Ticket.__table__, TicketEntry.__table__)
    kept = str([row for table in tables for row in db.session.execute(select(table))])
    assert "horses" not in kept
    assert code not in kept


Ask = Callable[[Make], Actor]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        (lambda make: make.actor(Role.TEACHER, make.class_()), "2199000001"),
        (lambda make: make.actor(Role.REGISTRAR, make.school()), "990101"),
        (lambda make: make.actor(Role.OPERATOR, make.school()), "990101"),
        (lambda make: make.actor(Role.LEADER, make.school()), "990101"),
        (lambda make: make.actor(Role.REGISTRAR, make.school("2199000009", "市属小学", make.prefecture())), "990100"),
        (lambda make: make.actor(Role.REGISTRAR, make.county()), "990100"),
        (lambda make: make.actor(Role.REGISTRAR, make.prefecture()), "990000"),
        (lambda make: make.actor(Role.REGISTRAR, make.province()), "990000"),
    ],
)
def test_staff_are_answered_by_who_is_responsible(make: Make, asks: Ask, answers: str) -> None:
    """O2"""
    actor = asks(make)
    assert tickets.ask(Asker(actor), "怎么导入？", "staff.roster") is None
    assert newest().place.code == answers
    assert newest().by_id == actor.user_id


def test_a_family_asks_about_its_own_child_only(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED, make.pupil(make.class_(code="2020107", name="六年级（7）班")))
    user = make.guardian(sheet.pupil, "15400000011")
    actor = accounts.actor_of(accounts.sign_in("15400000011", PASSWORD))
    assert actor is not None
    for n, hint in enumerate((sheet.pupil_id, sheet.id, other.pupil_id, None)):
        tickets.ask(Asker(actor), f"第{n}问", "parents.home", hint)
        assert newest().sheet_id == sheet.id
        assert newest().by_id == user.id


def test_a_family_with_two_children_asks_about_the_one_on_screen(make: Make, sheet: Sheet) -> None:
    second = make.sheet(SheetState.ISSUED, make.pupil(make.class_(code="2020107", name="六年级（7）班")))
    user = make.guardian(sheet.pupil, "15400000011")
    own = {"user_id": user.id, "school_id": second.school_id, "path": second.path, "relation": "52"}
    child = Guardianship(pupil_id=second.pupil_id, **own)
    db.session.add(child)
    db.session.commit()
    actor = accounts.actor_of(accounts.sign_in("15400000011", PASSWORD))
    for n, (hint, expected) in enumerate(((child.id, second), (sheet.pupil_id, sheet), (second.id, second))):
        tickets.ask(Asker(actor), f"第{n}问", "parents.child", hint)
        assert newest().sheet_id == expected.id


def test_a_visitor_without_a_paper_asks_the_school_named_or_the_province(make: Make) -> None:
    school = make.school()
    tickets.ask(VISITOR, "我的学校", "web.home", school_code=" 2199000001 ")
    assert newest().place == school
    tickets.ask(VISITOR, "不知道学校", "web.home")
    assert newest().place == make.province()
    with pytest.raises(Refusal, match="没有这个学校代码"):
        tickets.ask(VISITOR, "乱填", "web.home", school_code="2199999999")
    with pytest.raises(Refusal, match="没有这个学校代码"):
        tickets.ask(VISITOR, "不是学校", "web.home", school_code="990101")


@pytest.mark.parametrize("text", ["", " \n\0 ", "长" * (LONGEST + 1)])
def test_what_is_no_question_is_refused(make: Make, sheet: Sheet, text: str) -> None:
    with pytest.raises(Refusal):
        tickets.ask(VISITOR, text, "parents.landing", paper(sheet))
    assert db.session.scalar(select(Ticket)) is None


def test_the_longest_question_is_kept_whole(make: Make, sheet: Sheet) -> None:
    tickets.ask(VISITOR, "长" * LONGEST, "parents.landing", paper(sheet))
    assert newest().entries[0].text == "长" * LONGEST


def test_only_the_own_browser_reads_and_closes(make: Make, sheet: Sheet) -> None:
    mine = tickets.ask(VISITOR, "我的", "parents.landing", paper(sheet))
    theirs = tickets.ask(VISITOR, "别人的", "parents.landing", paper(sheet))
    assert mine is not None
    assert theirs is not None
    ticket = next(t for t in db.session.scalars(select(Ticket)) if t.entries[0].text == "我的")
    other = Asker(None, (theirs,))
    for act in (lambda: tickets.add(other, ticket.id, "看看"), lambda: tickets.close(other, ticket.id)):
        with pytest.raises(NotFound):
            act()
    assert [t.id for t in tickets.own(Asker(None, (mine,)))] == [ticket.id]
    assert tickets.own(VISITOR) == []
    staff = Asker(make.actor(Role.REGISTRAR, make.school()))
    assert tickets.own(staff) == []


def test_the_code_opens_it_elsewhere(make: Make, sheet: Sheet) -> None:
    code = tickets.ask(VISITOR, "我的", "parents.landing", paper(sheet))
    assert code is not None
    ticket = newest()
    shown = thread_of(ticket, None, code, own=True).code
    assert shown is not None
    assert tickets.find_by_code(shown.lower()) == code
    for wrong in ("", "W", "R7K3-M9QX-D2FW", code[:-2] + code[-1] + code[-2]):
        with pytest.raises(Refusal):
            tickets.find_by_code(wrong)


def test_the_same_form_sent_twice_asks_once(make: Make) -> None:
    asker = Asker(make.actor(Role.REGISTRAR, make.school()))
    for _ in range(3):
        tickets.ask(asker, "怎么导入？", "staff.roster")
    assert len(tickets.own(asker)) == 1


def test_too_many_open_questions_wait(make: Make, sheet: Sheet) -> None:
    asker = Asker(make.actor(Role.REGISTRAR, make.school()))
    for n in range(MOST_WAITING):
        tickets.ask(asker, f"第{n}问", "staff.roster")
    with pytest.raises(Wait):
        tickets.ask(asker, "再问", "staff.roster")
    tickets.close(asker, newest().id)
    tickets.ask(asker, "再问", "staff.roster")


def test_a_paper_is_slowed_whatever_the_browser(make: Make, sheet: Sheet) -> None:
    other = make.sheet(SheetState.ISSUED)
    for n in range(MOST_OF_A_PAPER):
        tickets.ask(VISITOR, f"第{n}问", "parents.landing", paper(sheet))
    with pytest.raises(Wait):
        tickets.ask(VISITOR, "再问", "parents.landing", paper(sheet))
    tickets.ask(VISITOR, "另一张表", "parents.landing", paper(other))


def test_visitors_without_a_paper_share_an_hour(make: Make) -> None:
    make.province()
    school = make.school()
    for n in range(MOST_OF_VISITORS):
        tickets.ask(VISITOR, f"第{n}问", "web.home")
    with pytest.raises(Wait):
        tickets.ask(VISITOR, "再问", "web.home")
    tickets.ask(VISITOR, "学校的队不受影响", "web.home", school_code=school.code)


def test_nobody_fills_one_question_for_ever(make: Make, sheet: Sheet) -> None:
    asker = Asker(make.actor(Role.TEACHER, make.class_()))
    tickets.ask(asker, "第一句", "teachers.class_list")
    ticket = newest()
    for n in range(4):
        tickets.add(asker, ticket.id, f"还有{n}")
    with pytest.raises(Wait):
        tickets.add(asker, ticket.id, "还有")


def test_the_level_above_is_asked_only_after_an_answer(make: Make) -> None:
    asker = Asker(make.actor(Role.TEACHER, make.class_()))
    tickets.ask(asker, "第一句", "teachers.class_list")
    with pytest.raises(Refusal, match="还没有回答"):
        tickets.add(asker, newest().id, "请上级", up=True)
