"""What a family reads about each thing it asked for: every outcome, every state of an application."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.models import Application, Guardianship, Leaf, Pupil, Sheet, db
from portal.rules.applications import ApplicationKind, ApplicationState
from portal.rules.clock import now
from portal.rules.family_words import APPLICATIONS, CHANGE, OUTCOMES, Look, words_for
from portal.rules.workflow import SheetState
from portal.services import family_outcomes
from portal.services.maintenance import AT_DESK
from portal.services.readings import new_change
from tests.make import PASSWORD, Make
from tests.pages import Browser

S = ApplicationState
LOOKS = {
    Look.REFUSED: ["no"],
    Look.WAITING: [],
    Look.SCHOOL: ["soft"],
    Look.ACCEPTED: ["full-tone"],
    Look.CLOSED: ["unset"],
}
#: states in which the family reads which authority it is
NAMED = (S.WITH_LEADER, S.WITH_AUTHORITY, S.REFUSED_BY_AUTHORITY)
OPINION = {"leader": "领导说照片看不清", "authority": "户口簿上是 2014"}


@pytest.fixture
def decided(sheet: Sheet) -> Sheet:
    """The school has the sheet."""
    sheet.state = SheetState.ENTERED
    sheet.received = sheet.readable = sheet.signed = True
    db.session.commit()
    return sheet


@pytest.fixture
def family(browser: Browser, make: Make, decided: Sheet) -> Browser:
    browser.sign_in(make.guardian(decided.pupil).phone, PASSWORD)
    return browser


def in_english(family: Browser) -> Browser:
    """Pages are then held against Chinese words left on them."""
    return family.english()


def changed(sheet: Sheet, item: str, outcome: str, reason: str | None = None, source: str = "ink") -> None:
    change = new_change(sheet, item, source)
    change.outcome, change.reason = outcome, reason
    change.values = change.values | {"entered": "15400001234" if item == "phone" else None}
    db.session.commit()


def case(sheet: Sheet, state: S, kind: ApplicationKind = ApplicationKind.CHANGE, **more: object) -> Application:
    pupil, county = sheet.pupil, sheet.school.parent_id
    own = {"school_id": pupil.school_id, "pupil_id": pupil.id, "path": pupil.path, "authority_id": county}
    one = Application(kind=kind, state=state, round_id=sheet.round_id, items=["name"], **own, **more)
    one.values = {"name": {"old": pupil.record["name"], "new": "林小验"}}
    one.opinion = OPINION
    if kind != ApplicationKind.CHANGE:
        one.items, one.values = [], {}
    db.session.add(one)
    db.session.commit()
    return one


def test_every_outcome_and_every_state_has_words() -> None:
    """A new outcome or state fails here until a family is told about it."""
    constraint = next(
        c for c in new_change.__globals__["Change"].__table__.constraints if c.name and "outcome" in c.name
    )
    outcomes = {word.strip("' ") for word in str(constraint.sqltext).split("(")[1].rstrip(")").split(",")}
    assert set(OUTCOMES) == outcomes
    for kind in ApplicationKind:
        assert set(APPLICATIONS[kind]) == set(ApplicationState)
    for words in [*OUTCOMES.values(), *(w for table in APPLICATIONS.values() for w in table.values())]:
        assert words.chip
        assert words.text or words.look == Look.REFUSED


def test_an_application_speaks_for_its_change_until_that_is_decided() -> None:
    assert words_for("applied_for", S.WITH_AUTHORITY) is CHANGE[S.WITH_AUTHORITY]
    assert words_for("open", S.WITH_LEADER) is CHANGE[S.WITH_LEADER]
    assert words_for("applied_for", None) is OUTCOMES["applied_for"]
    assert words_for("refused", S.WITHDRAWN) is OUTCOMES["refused"]
    assert words_for("accepted", S.GRANTED).text != OUTCOMES["accepted"].text


def test_each_state_is_read_at_home_and_on_the_qr_page(family: Browser, decided: Sheet, door: str) -> None:
    """At home with day, place and reason; the paper alone says words and no value, reason or name."""
    changed(decided, "name", "applied_for")
    one, stranger = case(decided, S.DRAFTED), Browser(family.client.application).english()
    for state in S:
        one.state = state
        decided.changes[0].outcome = "accepted" if state == S.GRANTED else "applied_for"
        db.session.commit()
        home, paper = in_english(family).get("/home"), stranger.get(door)
        for page in (home, paper):
            (chip,) = page.all("main section ul.lines .chip")
            assert chip["class"][1:] == LOOKS[CHANGE[state].look], state
        refused = {S.REFUSED_BY_LEADER: OPINION["leader"], S.REFUSED_BY_AUTHORITY: OPINION["authority"]}.get(state)
        assert [text for text in OPINION.values() if text in home.text] == ([refused] if refused else [])
        assert ("试验一区教育局" in home.text) is (state in NAMED), state
        for secret in (*OPINION.values(), "林小验", "林小试", "试验一区教育局"):
            assert secret not in paper.text


def test_what_was_refused_and_sent_again_says_why_and_that_it_waits(family: Browser, decided: Sheet) -> None:
    """H5, R104: the new application is linked to the old one."""
    changed(decided, "name", "applied_for")
    in_english(family)
    old = case(decided, S.REFUSED_BY_AUTHORITY, made_at=now() - timedelta(days=3))
    new = case(decided, S.WITH_LEADER, previous_id=old.id)
    page = family.get("/home")
    assert OPINION["authority"] in page.text
    assert [chip["class"] for chip in page.all("main section ul.lines .chip")] == [["chip"]], "it waits"
    new.state, new.since = S.GRANTED, now()
    db.session.commit()
    assert OPINION["authority"] not in family.get("/home").text


def test_what_the_school_did_by_itself_is_told_apart(family: Browser, decided: Sheet, door: str) -> None:
    in_english(family)
    changed(decided, "phone", "accepted")
    changed(decided, "email", "accepted", source=AT_DESK)
    for page in (family.get("/home"), Browser(family.client.application).get(door)):
        assert [len(part.select("li .chip")) for part in page.all("main section") if part.select("li .chip")] == [1, 1]
    assert "15400001234" in family.get("/home").text


def test_an_application_without_a_paper_is_told_too(family: Browser, sheet: Sheet) -> None:
    """The registrar applied for it by hand while the sheet is at home."""
    sheet.state, sheet.received = SheetState.ISSUED, False
    db.session.commit()
    case(sheet, S.WITH_AUTHORITY)
    assert "林小验" not in family.get("/home").text
    assert "试验一区教育局" in family.get("/home").text


def test_a_second_guardian_reads_the_same_and_a_classmate_nothing(make: Make, app: object, decided: Sheet) -> None:
    changed(decided, "name", "applied_for")
    case(decided, S.REFUSED_BY_AUTHORITY)
    texts = []
    for pupil in (decided.pupil, decided.pupil, make.sheet(SheetState.ENTERED, make.pupil(decided.class_)).pupil):
        reader = Browser(app)  # type: ignore[arg-type]
        reader.sign_in(make.guardian(pupil).phone, PASSWORD)
        texts.append([str(part) for part in reader.get("/home").all(".because")])
    assert texts[0] == texts[1] != []
    assert texts[2] == []


def test_proof_of_identity_and_deletion_are_told(family: Browser, decided: Sheet) -> None:
    proof = case(decided, S.GRANTED, ApplicationKind.IDENTITY, made_at=now() - timedelta(days=1))
    deletion = case(decided, S.GRANTED, ApplicationKind.DELETION)
    for state in (s for s in S if s not in (S.DRAFTED, S.WITHDRAWN, S.CLEARED)):
        proof.state = deletion.state = state
        db.session.commit()
        page = in_english(family).get("/home")
        looks = [chip["class"][1:] for chip in page.all("main section > .hand .chip")]
        assert looks == [
            LOOKS[APPLICATIONS[kind][state].look] for kind in (ApplicationKind.DELETION, ApplicationKind.IDENTITY)
        ], state
        refused = state in (S.REFUSED_BY_LEADER, S.REFUSED_BY_AUTHORITY)
        assert len(page.all(".because")) == refused, "why a deletion was refused is no matter of the family"


def test_a_draft_of_a_deletion_never_concerned_the_family(decided: Sheet) -> None:
    for state in (S.DRAFTED, S.WITHDRAWN, S.CLEARED):
        case(decided, state, ApplicationKind.DELETION)
    assert family_outcomes.of_child(decided.pupil) == ()


def test_a_closed_record_is_told_on_home(family: Browser, make: Make, decided: Sheet) -> None:
    """M2: taken out; the account stays and says so, and nothing of the record opens any more."""
    in_english(family)
    case(decided, S.GRANTED, ApplicationKind.DELETION)
    db.session.get_one(Pupil, decided.pupil_id).left_at = now()
    db.session.commit()
    page = family.get("/home")
    assert len(page.all("main section .chip.unset")) == 1
    child = db.session.query(Guardianship).one()
    family.get(f"/home/{child.id}", status=404)


def test_several_children_say_in_numbers_what_came_of_them(family: Browser, make: Make, decided: Sheet) -> None:
    changed(decided, "name", "applied_for")
    changed(decided, "phone", "accepted")
    in_english(family)
    child = db.session.query(Guardianship).one()
    other = make.sheet(SheetState.ISSUED, make.pupil(decided.class_)).pupil
    own = {"school_id": other.school_id, "path": other.path, "made_at": now()}
    db.session.add(Guardianship(user_id=child.user_id, pupil_id=other.id, relation="52", **own))
    db.session.commit()
    first, second = family.get("/home").all("a.queue")
    assert (len(first.select(".note")), first.select(".note")[1].get_text().count("1")) == (2, 2)
    assert len(second.select(".note")) == 1


def test_the_paper_of_an_earlier_round_does_not_speak(family: Browser, decided: Sheet, leaf: Leaf) -> None:
    changed(decided, "name", "applied_for")
    one = case(decided, S.REFUSED_BY_AUTHORITY)
    one.round_id = None
    db.session.commit()
    assert OPINION["authority"] not in family.get("/home").text
