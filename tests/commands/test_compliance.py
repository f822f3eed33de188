"""The yearly evidence is counted right, names nobody, and the same year gives the same document (art. 36, 37)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from flask import Flask

from portal.commands import parser
from portal.models import Consent, Export, Round, Ticket, User, Viewed, db
from portal.rules.clock import day_start, local, now
from portal.rules.roles import Role
from portal.services import affected, compliance, export_machine
from portal.services.compliance import Year
from portal.services.history import record, record_deployment
from tests.make import Make

SAVED = Path(__file__).parent / "compliance_report.json"
YEAR = local(now()).year


def filled(make: Make) -> dict[str, Any]:
    """A year in which something of each kind has happened."""
    make.round()
    school = make.school()
    pupil, other = make.pupil(name="林小试"), make.pupil(name="邱小测")
    family, teacher = make.guardian(pupil, "15400000077"), make.actor(Role.TEACHER, make.class_())
    registrar, leader = make.actor(Role.REGISTRAR, school), make.actor(Role.LEADER, school)
    gone = make.guardian(other)
    for one in db.session.query(Consent).filter_by(user_id=gone.id):
        one.withdrawn_at = now()
    asked = Export(number=1, kind="roster", place_id=school.id, path=school.path, rows=2, by_id=registrar.user_id)
    asked.purpose = {"code": "other", "words": "转给体检，林的号 990101201403120157"}
    asked.pupils = [pupil.id.hex, other.id.hex]
    asked.state, asked.decided_by_id, asked.fetched_at = "fetched", leader.user_id, now()
    own = {"home_id": school.id, "place_id": school.id, "path": school.path, "page": "", "due_at": now()}
    db.session.add_all([asked, Ticket(**own), Viewed(user_id=teacher.user_id, day=local(now()).date(), rows=31)])
    db.session.flush()
    record(teacher, pupil, "SEE_RECORD_IN_FULL", school.id)
    record(registrar, asked, "FETCH_EXPORT", school.id)
    record(registrar, make.class_(), "SEE_ROSTER_IN_FULL", school.id)
    record_deployment("BACKUP")
    record_deployment("VERIFY_AUDIT", exit=0)
    record_deployment("VERIFY_AUDIT", exit=2)
    db.session.commit()
    return {"pupil": pupil, "other": other, "teacher": teacher, "registrar": registrar, "family": family}


def test_an_export_as_the_portal_itself_keeps_it_is_reported(make: Make) -> None:
    """Made on the machine: nobody asked on a screen, nobody released it, and nobody released the own one."""
    school = make.school()
    make.pupil()
    actor = replace(make.actor(Role.REGISTRAR, school), user_id=None, session_id=None)
    export_machine.roster(actor, school, "核对住校生名单", numbers=False, password=None)
    rows = {key: value for key, _label, value in compliance._exports(Year.of(YEAR))}
    assert (rows["all"], rows["pupils"], rows["released by the asker"]) == (1, 1, 0)
    assert rows["export 1"].endswith("1, fetched: 核对住校生名单")


def told(app: Flask, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    args = parser().parse_args(["compliance", *words])
    assert args.func(args, app) == 0
    return capsys.readouterr().out


def plain(text: str) -> str:
    """The days of this year's run as a sign, so that the document can be compared with the one of another day."""
    return re.sub(r"\d{4}-\d\d-\d\d(T[\d:+]+)?|\b20\d\d\b", "0", text)


def test_the_report_of_a_year_is_the_saved_one(app: Flask, make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    filled(make)
    text = told(app, capsys, "report", "--json")
    document = json.loads(plain(text))
    document["sections"]["settings"]["database"] = "0"
    assert document == json.loads(SAVED.read_text("utf-8"))


def test_it_names_nobody(app: Flask, make: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    world = filled(make)
    out = tmp_path / "year.pdf"
    text = told(app, capsys, "report") + told(app, capsys, "report", "--lang", "en", "--json", "--out", str(out))
    document = pypdfium2.PdfDocument(out)
    text += "".join(document[n].get_textpage().get_text_range() for n in range(len(document)))
    document.close()
    assert out.stat().st_mode & 0o777 == 0o600
    assert "How data of minors were handled" in text
    for secret in (
        "林小试",
        "邱小测",
        "周试验",
        "15400000077",
        "990101201403120157",
        world["pupil"].record["id_number"],
    ):
        assert secret not in text
    assert world["family"].login not in text


def test_another_year_is_empty_and_one_to_come_is_refused(app: Flask, make: Make) -> None:
    filled(make)
    before = {one.code: one.values for one in compliance.report(Year.of(YEAR - 1), [])}
    assert before["exports"]["all"] == before["views"]["records"] == before["consents"]["withdrawn"] == 0
    with pytest.raises(ValueError, match="not begun"):
        Year.of(YEAR + 1)


def test_the_edges_of_a_year_are_those_of_shanghai(app: Flask, make: Make) -> None:
    filled(make)
    edge = day_start(datetime(YEAR, 1, 1).date())
    for one in db.session.query(Ticket):
        one.made_at = edge - timedelta(seconds=1)
    db.session.commit()
    values = [{one.code: one.values for one in compliance.report(Year.of(n), [])} for n in (YEAR - 1, YEAR)]
    assert [one["requests"]["questions"] for one in values] == [1, 0]


def test_a_round_is_told_to_be_shredded(app: Flask, make: Make) -> None:
    filled(make)
    found = db.session.query(Round).one()
    found.ends, found.settings = local(now()).date() - timedelta(days=1), {"shredded_at": now().isoformat()}
    db.session.commit()
    values = {one.code: one.values for one in compliance.report(Year.of(YEAR), [])}["retention"]
    assert (values["rounds over"], values["rounds shredded"]) == (1, 1)


def test_whose_data_an_incident_concerns(
    app: Flask, make: Make, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Children's rules art. 21, PIPL art. 57."""
    world = filled(make)
    begin, end = now() - timedelta(hours=1), now() + timedelta(hours=1)
    found = {one.pupil_id: one for one in affected.affected(begin, end)}
    assert found[world["pupil"].id].moves.keys() == {"SEE_RECORD_IN_FULL", "FETCH_EXPORT", "SEE_ROSTER_IN_FULL"}
    assert found[world["other"].id].moves.keys() == {"FETCH_EXPORT", "SEE_ROSTER_IN_FULL"}
    assert affected.affected(begin - timedelta(days=2), begin) == []
    teacher = db.session.get_one(User, world["teacher"].user_id).login
    assert [one.pupil_id for one in affected.affected(begin, end, teacher)] == [world["pupil"].id]
    with pytest.raises(ValueError, match="no account"):
        affected.affected(begin, end, "nobody")
    out = tmp_path / "affected.json"
    told(app, capsys, "affected", "--from", begin.isoformat(), "--to", end.isoformat(), "--out", str(out))
    rows = json.loads(out.read_text("utf-8"))["rows"]
    assert {row["name"] for row in rows} == {"林＊试", "邱＊测"}
    assert out.stat().st_mode & 0o777 == 0o600


def test_bad_stretches_are_refused(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    args = parser().parse_args(["compliance", "affected", "--from", "2026-03-02", "--to", "2026-03-01"])
    assert args.func(args, app) == 1
    assert "must be before" in capsys.readouterr().err
