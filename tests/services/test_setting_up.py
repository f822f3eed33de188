"""The first day: places put where they belong or not at all, people with the roles of their level, one round a time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.models import Place, Round, Sheet, Step, User, db
from portal.rules.clock import today
from portal.rules.roles import OFFICERS, Level, Role
from portal.services import setting_up
from portal.services.place_rows import COLUMNS, BadRows, PlaceRow, read_rows
from portal.services.refusals import NotFound, Refusal
from tests.make import Make

HEAD = ",".join(COLUMNS)
TREE = f"""{HEAD}
school,2199000001,试验市第一小学,990101,010-00000000,1
county,990101,试验一区教育局,990100,,
prefecture,990100,试验市教育局,990000,,
province,990000,试验省教育厅,,010-00000001,
school,3499000002,省属中学,990000,,32
"""


def put(text: str) -> dict[str, int]:
    return dict(setting_up.put_places(read_rows(text.encode())))


def count(model: type[Place] | type[User] | type[Round]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_places_in_any_order(app: Flask) -> None:
    assert put(TREE) == {"made": 5}
    paths = {place.code: (place.path, place.stages) for place in db.session.scalars(select(Place))}
    assert paths["2199000001"] == ("990000/990100/990101/2199000001/", "1")
    assert paths["3499000002"] == ("990000/3499000002/", "23")
    assert len(list(db.session.scalars(select(Step).where(Step.move == "MAKE_PLACE")))) == 5


def test_again_changes_only_what_is_new(app: Flask) -> None:
    put(TREE)
    ids = {place.code: place.id for place in db.session.scalars(select(Place))}
    assert put(TREE) == {"unchanged": 5}
    renamed = f"{HEAD}\nschool,2199000001,试验市中心小学,990101,,\nschool,2199000003,新小学,990101,,1\n"
    assert put(renamed) == {"updated": 1, "made": 1}
    school = setting_up.place_coded("2199000001")
    assert (school.id, school.name, school.phone, school.stages) == (
        ids["2199000001"],
        "试验市中心小学",
        "010-00000000",
        "1",
    )


def test_columns_in_another_order_and_in_gb18030(app: Flask) -> None:
    text = "name,code,level,stages,phone,parent_code\n\n 试验省教育厅 , 990000 ,province,,,\n"
    assert read_rows(text.encode("gb18030")) == [PlaceRow(3, "province", "990000", "试验省教育厅", "")]
    assert read_rows(b"\xef\xbb\xbf" + TREE.encode())[0].number == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("class,2020106,班,2199000001,,", "level 要填"),
        ("county,990102,,990100,,", "name 要填"),
        (f"county,990102,{'长' * 81},990100,,", "name 要填"),
        (f"county,990102,试验二区,990100,{'1' * 31},", "phone 最多"),
        ("county,990177,没有区,990100,,", "代码表里没有"),
        ("county,990103,旧区,990100,,", "已经撤销"),
        ("county,990200,二市,990000,,", "不是 county 一级"),
        ("county,990102,试验二区,990100,,1", "只有学校"),
        ("county,990201,试验三区,990100,,", "不在上级 990100"),
        ("county,980101,甲区,990000,,", "不在上级 990000"),
        ("county,990102,试验二区,990101,,", "不比它高"),
        ("county,990102,试验二区,,,", "也还没有建"),
        ("province,980000,甲省,990000,,", "没有上级"),
        ("school,219900,短码小学,990101,,1", "10 位数字"),
        ("school,9999000009,怪类小学,990101,,1", "学校类别"),
        ("school,2178000009,外省小学,990101,,1", "省份"),
        ("school,2199000009,学段小学,990101,,4", "stages 填学段"),
        ("school,2199000009,学段小学,990101,,11", "stages 填学段"),
        ("school,2199000009,没上级小学,990202,,1", "也还没有建"),
        ("school,2199000009,校下校,2199000001,,1", "不比它高"),
        ("school,2199000001,试验市第一小学,990100,,1", "别的上级"),
        ("county,990102,试验二区,990100,,\ncounty,990102,试验二区,990100,,", "已经有了"),
    ],
)
def test_a_bad_row_stops_the_file(app: Flask, line: str, sentence: str) -> None:
    put(TREE)
    with pytest.raises(BadRows) as stopped:
        put(f"{HEAD}\nschool,2199000008,好小学,990101,,1\n{line}\n")
    [(row, fault)] = stopped.value.faults
    assert sentence in str(fault)
    assert row == 3 + line.count("\n")
    assert count(Place) == 5


def test_what_hangs_below_a_bad_row_is_not_told_again(app: Flask) -> None:
    with pytest.raises(BadRows) as stopped:
        put(TREE.replace("prefecture,990100", "prefecture,990199"))
    assert [row for row, _ in stopped.value.faults] == [3, 4]
    with pytest.raises(BadRows) as stopped:
        put(TREE.replace("试验市教育局", ""))
    assert [row for row, _ in stopped.value.faults] == [4]


@pytest.mark.parametrize(
    "content",
    [b"", b"level,code\n", HEAD.encode(), b"\xff\xfe\xff", HEAD.encode() + b"\n\0", f"{HEAD},level\n".encode()],
)
def test_no_such_file(app: Flask, content: bytes) -> None:
    with pytest.raises(Refusal):
        read_rows(content)


def test_too_many_columns(app: Flask) -> None:
    with pytest.raises(BadRows) as stopped:
        read_rows(f"{HEAD}\na,b,c,d,e,f,g\n".encode())
    assert stopped.value.faults[0][0] == 2


def test_roles_of_each_level() -> None:
    for level in (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY):
        assert set(setting_up.roles_at(level)) - set(OFFICERS) == {Role.REGISTRAR, Role.LEADER, Role.OPERATOR}
        assert Role.SECURITY in setting_up.roles_at(level)
    assert set(setting_up.roles_at(Level.SCHOOL)) == {Role.REGISTRAR, Role.LEADER, Role.OPERATOR}


def test_an_account_keeps_no_first_password(app: Flask, make: Make) -> None:
    school = make.school()
    user, password = setting_up.make_account(school, "Registrar", " 周  管籍 ")
    assert (user.login, user.name, user.must_change) == ("2199000001-registrar", "周 管籍", True)
    assert len(password) == 10
    assert user.first_password is None
    assert [(p.role, p.path) for p in user.posts] == [(Role.REGISTRAR, school.path)]
    assert setting_up.make_account(school, "registrar", "孙管籍")[0].login == "2199000001-registrar-2"
    assert setting_up.make_account(school, "leader", "李校长", "Li.Leader")[0].login == "li.leader"


@pytest.mark.parametrize(
    ("role", "name", "login", "sentence"),
    [
        ("teacher", "王班主", None, "这几种角色"),
        ("nobody", "王班主", None, "这几种角色"),
        ("registrar", "  ", None, "姓名"),
        ("registrar", "长" * 41, None, "姓名最多"),
        ("registrar", "王管籍", "a b", "账号用"),
        ("registrar", "王管籍", "x" * 65, "账号用"),
        ("registrar", "王管籍", "", "账号用"),
        ("registrar", "王管籍", "TAKEN", "已经有人用"),
    ],
)
def test_bad_accounts(app: Flask, make: Make, role: str, name: str, login: str | None, sentence: str) -> None:
    make.user(Role.LEADER, make.school(), login="taken")
    with pytest.raises(Refusal, match=sentence):
        setting_up.make_account(make.school(), role, name, login)
    db.session.rollback()
    assert count(User) == 1


@pytest.mark.parametrize("code", ["", "990199", "2020106", "\udc80", "9/1"])
def test_unknown_places(app: Flask, make: Make, code: str) -> None:
    make.class_()
    with pytest.raises(NotFound):
        setting_up.place_coded(code)


def test_a_round_expects_who_is_there(app: Flask, make: Make) -> None:
    for _ in range(3):
        make.pupil()
    day = today()
    made, in_scope = setting_up.begin_round(make.province(), " 春季 核查 ", day, day + timedelta(days=9))
    assert (in_scope, made.title, made.kind, made.cut_off) == (3, "春季 核查", "full", date(day.year, 3, 31))
    assert [sheet.round_id for sheet in db.session.scalars(select(Sheet))] == [made.id] * 3


def test_rounds_of_a_province_share_no_day(app: Flask, make: Make) -> None:
    province, first, last = make.province(), date(2026, 3, 1), date(2026, 6, 30)
    setting_up.begin_round(province, "春季", first, last)
    for begins, ends in ((last, date(2026, 9, 1)), (date(2026, 1, 1), first), (date(2026, 4, 1), date(2026, 4, 2))):
        with pytest.raises(Refusal, match="春季"):
            setting_up.begin_round(province, "再来", begins, ends)
    setting_up.begin_round(province, "秋季", date(2026, 7, 1), date(2026, 9, 30), "new", date(2026, 9, 1))
    other = make.place(Level.PROVINCE, "980000", "甲省教育厅")
    setting_up.begin_round(other, "春季", first, last)
    assert count(Round) == 3


def test_bad_rounds(app: Flask, make: Make) -> None:
    first, last = date(2026, 3, 1), date(2026, 6, 30)
    for place, title, begins, ends, kind in (
        (make.county(), "春季", first, last, "full"),
        (make.province(), " ", first, last, "full"),
        (make.province(), "长" * 61, first, last, "full"),
        (make.province(), "春季", last, first, "full"),
        (make.province(), "春季", first, last, "some"),
    ):
        with pytest.raises(Refusal):
            setting_up.begin_round(place, title, begins, ends, kind)
        db.session.rollback()
    assert count(Round) == 0
