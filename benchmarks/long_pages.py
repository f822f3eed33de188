"""The pages with the longest tables, for `benchmarks.pages`: figures with a thousand classes open, a class of sixty.

Both are made here, because the demo's classes are smaller: a county of 25 schools with 40 classes each as far as its
figures are concerned, and one class with its pupils and their sheets in all states.
"""

from __future__ import annotations

from flask import Flask

from portal.commands.demo_province import PASSWORD
from portal.commands.made_up import record_numbered
from portal.models import Figure, Place, Round, Sheet, db
from portal.rules.figures import MEASURES
from portal.rules.places import child_path
from portal.rules.roles import Level, Role
from portal.rules.workflow import SheetState
from portal.services import accounts, pupils
from portal.services.figures import current_round, fold_all

SCHOOLS, CLASSES, PUPILS = 25, 40, 60
COUNTY = "990102"


def make(app: Flask) -> dict[str, tuple[str | None, str]]:
    """Make both and say what to ask: name -> (login, address)."""
    with app.app_context():
        county = db.session.query(Place).filter_by(code=COUNTY).one()
        found = current_round(county.path)
        assert found is not None
        codes = [_school(county, found, n) for n in range(SCHOOLS)]
        school = db.session.query(Place).filter_by(level=Level.SCHOOL).order_by(Place.path).first()
        assert school is not None
        _class(school, found)
        db.session.commit()
        fold_all()
        opened = ",".join([county.path.split("/")[1], COUNTY, *codes])
    return {
        "figures, a thousand classes open": ("province", f"/staff/figures?open={opened}"),
        "class of sixty": ("teacher60", "/class"),
    }


def _place(level: Level, code: str, name: str, parent: Place) -> Place:
    made = Place(level=level, code=code, name=name, path=child_path(parent.path, code), parent_id=parent.id)
    db.session.add(made)
    return made


def _school(county: Place, found: Round, n: int) -> str:
    school = _place(Level.SCHOOL, f"2198{n:06d}", f"试验{n}小学", county)
    classes = [_place(Level.CLASS, f"2022{n + 100}", f"四年级（{n}）班", school) for n in range(CLASSES)]
    db.session.flush()
    for class_ in classes:
        counts = {measure.value: 40 - 3 * place for place, measure in enumerate(MEASURES)}
        own = {"round_id": found.id, "place_id": class_.id, "path": class_.path}
        db.session.add(Figure(level=Level.CLASS, **own, **counts))
    return school.code


def _class(school: Place, found: Round) -> None:
    class_ = _place(Level.CLASS, "2025160", "一年级（60）班", school)
    db.session.flush()
    accounts.make_user(class_, "teacher60", "王班主", Role.TEACHER, class_, PASSWORD)
    states = list(SheetState)
    for n in range(PUPILS):
        pupil = pupils.new_pupil(class_, record_numbered(900_000 + n) | {"class_seat_number": f"{n + 1:02d}"})
        db.session.flush()
        reached = n % len(states)
        own = {"round_id": found.id, "pupil_id": pupil.id, "school_id": school.id, "class_id": class_.id}
        facts = dict.fromkeys(("received", "readable", "signed"), reached >= states.index(SheetState.RECEIVED))
        issued = reached >= states.index(SheetState.ISSUED)
        db.session.add(Sheet(state=states[reached], path=class_.path, issued=issued, **own, **facts))
