"""What would not be printed whole is named before a page is printed, and a person decides; where printing is allowed
(D4)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.models import Leaf, PrintRun, RegistrationCode, db
from portal.paper.fontfile import FontError
from portal.rules.place_settings import PRINT_NETWORKS
from portal.rules.roles import Actor, Role
from portal.rules.workflow import SheetState
from portal.services import place_settings, print_checks, print_runs, printing, round_checklist
from portal.services.place_settings import BadSetting
from portal.services.print_content import Selection
from portal.services.refusals import NotFound, NotYours, TooLate
from tests.make import Make
from tests.press import Press, may_print, work
from tests.statements import sent

#: private use: no font has it
NOWHERE = "\U000f1234"
INSIDE, OUTSIDE = "10.20.3.4", "198.51.100.7"


@pytest.fixture
def registrar(make: Make) -> Actor:
    return may_print(make)


def asked(app: Flask, registrar: Actor, make: Make) -> PrintRun:
    """A run of three sheets, one with a rare name and one with too long an address."""
    make.sheet(pupil=make.pupil(name=f"林{NOWHERE}试"))
    make.sheet(pupil=make.pupil(home_address="试验省试验市试验一区" * 18))
    make.sheet()
    made = printing.start_run(registrar, Selection())
    assert work(app) == 1
    db.session.refresh(made)
    return made


def test_what_will_not_be_whole_is_named_before_anything_is_printed(
    app: Flask, registrar: Actor, make: Make, press: Press
) -> None:
    made = asked(app, registrar, make)
    assert press.seen == []
    assert print_runs.run_view(registrar, made.id).state == print_runs.ASKING
    found = print_runs.findings_of(registrar, made.id)
    assert {(one.item, one.signs) for one in found} == {("home_address", ""), ("name", NOWHERE)}
    assert all("＊" in one.name for one in found)
    for model in (Leaf, RegistrationCode):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0, "nothing was made for it"
    assert round_checklist.facts_of(registrar).running is None


def test_naming_many_asks_the_database_no_more_than_naming_one(make: Make) -> None:
    cut = [[make.sheet().id.hex, "home_address"] for _ in range(5)]
    with sent() as for_one:
        print_checks.findings_in({"cut": cut[:1]})
    with sent() as for_all:
        found = print_checks.findings_in({"cut": cut})
    assert len(found) == 5
    assert len(for_all) == len(for_one)


def test_a_person_lets_it_be_printed(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    made = asked(app, registrar, make)
    printing.go_on(registrar, made.id)
    with pytest.raises(TooLate, match="不用再点"):
        printing.go_on(registrar, made.id)
    db.session.rollback()
    assert print_runs.run_view(registrar, made.id).state == print_runs.RUNNING
    db.session.rollback()
    work(app)
    assert len(press.seen) == 3
    assert made.state == "done"
    with pytest.raises(TooLate):
        printing.go_on(registrar, made.id)


def test_or_stops_it(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    made = asked(app, registrar, make)
    print_runs.cancel_run(registrar, made.id)
    assert print_runs.run_view(registrar, made.id).state == print_runs.STOPPED
    with pytest.raises(TooLate):
        printing.go_on(registrar, made.id)
    db.session.rollback()
    assert work(app) == 0
    assert press.seen == []


def test_another_schools_run_cannot_be_let_go_on(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    made = asked(app, registrar, make)
    stranger = make.actor(Role.REGISTRAR, make.school("2199000002", "试验市第二小学"))
    with pytest.raises(NotFound):
        printing.go_on(stranger, made.id)


def test_a_run_stopped_while_it_is_checked_asks_nobody(
    app: Flask, registrar: Actor, make: Make, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.sheet(pupil=make.pupil(name=f"林{NOWHERE}"))
    made = printing.start_run(registrar, Selection())
    run_id, real = made.id, printing._ask
    db.session.rollback()

    def late(*args: object) -> object:
        print_runs.cancel_run(registrar, run_id)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(printing, "_ask", late)
    work(app)
    db.session.refresh(made)
    assert (made.state, made.report) == ("cancelled", None)


def test_a_server_without_fonts_says_so_at_once(
    app: Flask, registrar: Actor, make: Make, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.sheet()

    def missing(*_: object) -> None:
        raise FontError("apt-get install fonts-noto-cjk")

    monkeypatch.setattr("portal.paper.checking.Fonts", missing)
    made = printing.start_run(registrar, Selection())
    assert work(app) == 1, "trying again is of no use"
    view = print_runs.run_view(registrar, made.id)
    assert (view.state, "字体" in view.note) == (print_runs.FAILED, True)


# ---- networks (D4) ----
@pytest.fixture
def county(make: Make) -> Actor:
    return make.actor(Role.REGISTRAR, make.county())


def test_printing_happens_inside_the_school_only(
    app: Flask, registrar: Actor, county: Actor, make: Make, press: Press
) -> None:
    """D4 good: from the school's network; bad: from home, from nowhere, fetched from home."""
    sheet = make.sheet()
    place_settings.save(county, {PRINT_NETWORKS: ("10.20.0.0/16", "2001:db8::/32")})
    for address in (OUTSIDE, "2001:db9::1", None, ""):
        with pytest.raises(NotYours, match="规定的网络"):
            printing.start_run(registrar, Selection(), address)
        assert printing.obstacle(registrar, address) is not None
        db.session.rollback()
    assert sheet.state == SheetState.EXPECTED
    assert printing.obstacle(registrar, INSIDE) is None
    made = printing.start_run(registrar, Selection(), INSIDE)
    work(app)
    with pytest.raises(NotYours, match="198.51.100.7"):
        print_runs.fetch_file(registrar, made.id, OUTSIDE)
    db.session.rollback()
    assert print_runs.fetch_file(registrar, made.id, "2001:db8:5::9")[1]


def test_going_on_is_bound_to_the_network_too(
    app: Flask, registrar: Actor, county: Actor, make: Make, press: Press
) -> None:
    made = asked(app, registrar, make)
    place_settings.save(county, {PRINT_NETWORKS: ("10.20.0.0/16",)})
    with pytest.raises(NotYours):
        printing.go_on(registrar, made.id, OUTSIDE)
    db.session.rollback()
    printing.go_on(registrar, made.id, INSIDE)


def test_nothing_set_restricts_nothing(app: Flask, registrar: Actor, make: Make, press: Press) -> None:
    make.sheet()
    made = printing.start_run(registrar, Selection(), OUTSIDE)
    work(app)
    assert print_runs.fetch_file(registrar, made.id, None)


def test_a_school_tightens_its_own_and_nothing_else(registrar: Actor, county: Actor, make: Make) -> None:
    place_settings.save(county, {PRINT_NETWORKS: ("10.0.0.0/8",)})
    with pytest.raises(BadSetting, match="10.0.0.0/8"):
        place_settings.save(registrar, {PRINT_NETWORKS: ("198.51.100.0/24",)})
    db.session.rollback()
    place_settings.save(registrar, {PRINT_NETWORKS: ("10.20.0.0/16",)})
    other = make.school("2199000002", "试验市第二小学")
    for path, address, allowed in (
        (registrar.path, INSIDE, True),
        (registrar.path, "10.21.0.1", False),
        (other.path, "10.21.0.1", True),
    ):
        if allowed:
            place_settings.require_may_print_from(path, address)
            continue
        with pytest.raises(NotYours):
            place_settings.require_may_print_from(path, address)
    place_settings.save(registrar, {PRINT_NETWORKS: ()})
    place_settings.require_may_print_from(registrar.path, "10.21.0.1")


def test_networks_that_exclude_each_other_allow_nothing(registrar: Actor, county: Actor) -> None:
    """The level above tightened later: the stricter holds, never the looser."""
    place_settings.save(registrar, {PRINT_NETWORKS: ("10.20.0.0/16",)})
    place_settings.save(county, {PRINT_NETWORKS: ("10.99.0.0/16",)})
    for address in (INSIDE, "10.99.0.1"):
        with pytest.raises(NotYours):
            place_settings.require_may_print_from(registrar.path, address)
