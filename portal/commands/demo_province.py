"""A made-up province of the trial divisions 99: tree, people, pupils, a running round with windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle

from portal.commands.made_up import id_number, record_numbered
from portal.models import Place, Round, Switch, Window, db
from portal.rules import divisions
from portal.rules.clock import day_start, today
from portal.rules.dates import school_year_of
from portal.rules.places import child_path
from portal.rules.roles import Level, Role
from portal.services import accounts, pupils, rounds, sheets
from portal.services.figures import fold_all

PASSWORD = "shiyan-2026-hecha"
CLASS_SIZE = 45
STAFFED_SCHOOLS = 12
NUMERALS = "一二三四五六"
SCHOOL_NAMES = ("第一小学", "第二小学", "和平街小学", "河湾小学", "东门小学", "实验小学", "青山小学", "湖畔小学")


@dataclass
class Demo:
    """What was made: places by level, and the sign-ins to print as (role, place, login)."""

    province: Place
    authorities: list[Place]
    schools: list[Place] = field(default_factory=list)
    sign_ins: list[tuple[Role, Place, str]] = field(default_factory=list)
    round: Round | None = None


def build(schools: int, pupil_count: int) -> Demo:
    """The whole province; commits in pieces. `pupil_count` is in total, spread evenly."""
    demo = _tree()
    _staff(demo)
    demo.round = _round(demo)
    homes = cycle(demo.authorities)
    serial = 0
    for n in range(schools):
        home = demo.authorities[0] if n < 2 else next(homes)
        school = _school(demo, home, n)
        size = pupil_count // schools + (1 if n < pupil_count % schools else 0)
        serial = _classes(demo, school, size, serial)
        sheets.expect(demo.round, school.id)
        db.session.commit()
    fold_all()
    return demo


def _place(level: Level, code: str, name: str, parent: Place | None, phone: str = "", stages: str = "") -> Place:
    path = child_path(parent.path if parent else "", code)
    place = Place(
        level=level,
        code=code,
        name=name,
        path=path,
        phone=phone,
        stages=stages,
        parent_id=parent.id if parent else None,
    )
    db.session.add(place)
    return place


def _tree() -> Demo:
    table = divisions.current()
    province = _place(Level.PROVINCE, "990000", "试验省教育厅", None, "010-00000001")
    counties: list[Place] = []
    prefectures: list[Place] = []
    for prefecture_code in table.children("990000"):
        name = table.name(prefecture_code).removeprefix("试验省")
        prefecture = _place(
            Level.PREFECTURE, prefecture_code, f"{name}教育局", province, f"010-0000{len(prefectures):04d}"
        )
        prefectures.append(prefecture)
        for code in table.children(prefecture_code):
            county = table.name(code).removeprefix("试验省").removeprefix(name)
            counties.append(_place(Level.COUNTY, code, f"{county}教育局", prefecture, f"010-0001{len(counties):04d}"))
    # counties first; then one school run by a prefecture and one run by the province (domain 2.1)
    demo = Demo(province, [*counties, prefectures[0], province])
    db.session.commit()
    return demo


def _add_user(demo: Demo, role: Role, place: Place, login: str, name: str) -> None:
    accounts.make_user(place, login, name, role, place, PASSWORD)
    demo.sign_ins.append((role, place, login))


def _staff(demo: Demo) -> None:
    _add_user(demo, Role.REGISTRAR, demo.province, "province", "郑小总")
    prefecture = db.session.get_one(Place, demo.authorities[0].parent_id)
    _add_user(demo, Role.REGISTRAR, prefecture, "prefecture", "钱小市")
    _add_user(demo, Role.REGISTRAR, demo.authorities[0], "county", "吴小核")
    _add_user(demo, Role.OPERATOR, demo.authorities[0], "county-seat", "韩小核")
    _add_user(demo, Role.SECURITY, demo.province, "security", "孙小安")
    _add_user(demo, Role.AUDITOR, demo.province, "auditor", "周小审")


def _round(demo: Demo) -> Round:
    day = today()
    season = "春季" if day.month < 8 else "秋季"
    begins, ends = day - timedelta(days=20), day + timedelta(days=21)
    made = rounds.open_round(demo.province, f"{day.year} 年{season}核查", begins, ends)
    db.session.flush()
    prefectures = sorted({a.path[: len(demo.province.path) + 7] for a in demo.authorities if a.level == Level.COUNTY})
    by_path = {p.path: p for p in db.session.query(Place).filter(Place.path.in_([*prefectures, demo.province.path]))}
    for n, place in enumerate([demo.province, *(by_path[p] for p in prefectures)]):
        late = max(0, n - 1) * 6  # A1: every prefecture gets its own time
        _window(made, place, Switch.EXPORT, -18 + late, 12 + late)
        _window(made, place, Switch.ENTRY, -10 + 2 * late, 21)
    db.session.commit()
    return made


def _window(made: Round, place: Place, switch: Switch, first: int, last: int) -> None:
    opens, closes = (day_start(today() + timedelta(days=n)) for n in (first, last))
    db.session.add(
        Window(round_id=made.id, place_id=place.id, path=place.path, switch=switch, opens_at=opens, closes_at=closes)
    )


def _school(demo: Demo, home: Place, n: int) -> Place:
    town = home.name.removesuffix("教育局").removesuffix("教育厅")
    again = n // len(SCHOOL_NAMES)
    name = f"{town}{SCHOOL_NAMES[n % len(SCHOOL_NAMES)]}" + (f"{again}校区" if again else "")
    code = f"2199{n + 1:06d}"
    school = _place(Level.SCHOOL, code, name, home, f"010-1{n:07d}", "1")
    demo.schools.append(school)
    if n < STAFFED_SCHOOLS:
        tail = "" if n == 0 else str(n + 1)
        _add_user(demo, Role.REGISTRAR, school, f"registrar{tail}", "周管籍")
        _add_user(demo, Role.LEADER, school, f"leader{tail}", "李校长")
    if n == 0:
        _add_user(demo, Role.OPERATOR, school, "operator", "孙录入")
    return school


def _classes(demo: Demo, school: Place, size: int, serial: int) -> int:
    year = school_year_of(today())
    for index, (grade, number, count) in enumerate(_plan(size)):
        code = f"{year - grade + 1}1{number:02d}"
        class_ = _place(Level.CLASS, code, f"{NUMERALS[grade - 1]}年级（{number}）班", school)
        if len(demo.schools) == 1 and index == 0:
            _add_user(demo, Role.TEACHER, class_, "teacher", "王班主")
        for seat in range(1, count + 1):
            serial += 1
            pupils.new_pupil(class_, _record(serial, school, class_, grade, seat))
    return serial


def _plan(size: int) -> Iterator[tuple[int, int, int]]:
    """(grade, class number, pupils): classes of equal size, dealt out over six grades from the highest."""
    classes = max(1, -(-size // CLASS_SIZE))
    for index in range(classes):
        count = size // classes + (1 if index < size % classes else 0)
        yield 6 - index % 6, 1 + index // 6, count


def _record(serial: int, school: Place, class_: Place, grade: int, seat: int) -> dict[str, str]:
    base = record_numbered(serial)
    entry = int(class_.code[:4])
    born = f"{entry - 6 - (serial % 3 == 0)}{base['birth_date'][4:]}"
    if born[4:] >= "0901" and serial % 3:
        born = f"{entry - 7}{base['birth_date'][4:]}"
    division = "990101"
    number = id_number(serial // 336, born, base["sex"] == "1", division)
    return base | {
        "school_name": school.name,
        "school_code": school.code,
        "student_number": f"G{number}",
        "id_number": number,
        "birth_date": born,
        "class_no": class_.code,
        "entry_year_month": f"{entry}09",
        "grade": f"小学{NUMERALS[grade - 1]}年级",
        "class_seat_number": f"{seat:02d}",
    }
