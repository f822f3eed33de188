"""Exports on the screen, from the button to the opened file."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from portal.models import Export, Place, db
from portal.rules.roles import Role
from portal.services import export_building
from tests import exported
from tests.make import PASSWORD, Make
from tests.pages import Browser

WORDS = "五月体检，交社区医院"
ASKED = {"kind": "roster", "place": "", "purpose": "service", "words": WORDS}


@pytest.fixture
def school(make: Make) -> Place:
    make.round()
    for n in range(1, 4):
        make.pupil(class_seat_number=str(n))
    return make.school()


def signed_in(app: Flask, make: Make, role: Role, place: Place) -> Browser:
    browser = Browser(app)
    browser.sign_in(make.user(role, place).login, PASSWORD)
    return browser


def test_from_the_roster_to_the_opened_file(app: Flask, make: Make, school: Place) -> None:
    registrar, leader = (signed_in(app, make, role, school) for role in (Role.REGISTRAR, Role.LEADER))
    asking = registrar.get(next(link for link in registrar.get("/staff/roster").links() if "/exports/new" in link))
    assert "试验市第一小学" in asking.text
    assert "写清楚" in registrar.post("/staff/exports/new", ASKED | {"words": ""}, status=400).text
    page = registrar.get(registrar.post("/staff/exports/new", ASKED).location or "")
    assert "能放行的" in page.text
    address = f"/staff/exports/{db.session.scalars(select(Export)).one().id}"
    assert "导出：1 份等您放行" in leader.get("/staff/queue").text
    waiting = leader.get(next(link for link in leader.get("/staff/exports").links() if address in link))
    version = waiting.all("input[name=version]")[0]["value"]
    leader.post(f"{address}/refuse", {"version": version, "reason": " "}, status=400)
    leader.post(f"{address}/release", {"version": version})
    leader.post(f"{address}/release", {"version": version}, status=409)
    exported.prove(registrar)
    registrar.post(f"{address}/build")
    assert registrar.get(address).all("[hx-trigger]")
    export_building.build_now(db.session.scalars(select(Export.id)).one())
    content = exported.by_browser(registrar, address)
    rows = list(load_workbook(io.BytesIO(content)).active.iter_rows(min_row=3, values_only=True))
    assert [len(str(row[2])) for row in rows] == [19] * 3
    assert all("*" in str(row[2]) for row in rows)
    assert "取走了" in registrar.get(address).text
    registrar.post(f"{address}/file", status=409)
    assert "取走了" in leader.get("/staff/exports").text


def test_an_authority_names_the_school(app: Flask, make: Make, school: Place) -> None:
    county = signed_in(app, make, Role.REGISTRAR, make.county())
    assert county.get(next(link for link in county.get("/staff/exports").links() if "new" in link)).all("#school")
    assert "请选一所学校" in county.post("/staff/exports/new", ASKED, status=400).text
    county.post("/staff/exports/new", ASKED | {"school": "2199999999"}, status=404)
    page = county.get(county.post("/staff/exports/new", ASKED | {"school": school.code}).location or "")
    assert "现在没有人能放行" in page.text
    prefecture = signed_in(app, make, Role.REGISTRAR, make.prefecture())
    assert "1 份等您放行" in prefecture.get("/staff/manage").text
    assert signed_in(app, make, Role.LEADER, make.province()).get("/staff/exports").all(".empty")


def test_in_english(app: Flask, make: Make, school: Place) -> None:
    registrar = signed_in(app, make, Role.REGISTRAR, school).english()
    registrar.get("/staff/exports")
    registrar.get("/staff/exports/new?kind=roster")
    assert registrar.post("/staff/exports/new", ASKED | {"numbers": "y", "numbers_for": "医院"}, 400).all(".errors")
    registrar.get(
        registrar.post("/staff/exports/new", ASKED | {"numbers": "y", "numbers_for": "医院要建档"}).location or ""
    )
