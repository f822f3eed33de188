"""Made-up values for the sample pages: one of everything the components can show."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from portal.web import differences, trend
from portal.web.figure_cells import Cells

SAMPLES = Path(__file__).parent / "samples"


class SampleForm(Form):
    """One field of each kind."""

    address = StringField("现住址")
    postcode = StringField("邮政编码")
    phone = StringField("联系电话")
    nation = SelectField("民族", choices=[SelectChoice("01", "汉族"), SelectChoice("02", "蒙古族")])
    day = DateField("导表从")
    photo = FileField("户口簿照片")
    boarding = RadioField("是否寄宿生", choices=[SelectChoice("1", "是"), SelectChoice("0", "否")])
    consent = BooleanField("我是孩子的监护人，同意学校用这些资料核对学籍。")
    reason = TextAreaField("理由")
    login = StringField("账号")
    password = PasswordField("密码")


def sample_form() -> SampleForm:
    form = SampleForm(
        data={
            "address": "试验一区和平小区 3 栋 201",
            "postcode": "10000",
            "phone": "154 0000 1234",
            "day": date(2026, 5, 11),
        }
    )
    form.login.data = "zhou.guanji"
    form.postcode.errors = ["邮政编码要 6 位，这里只有 5 位。"]
    form.password.errors = ["账号或密码不对。还可以试 3 次。"]
    return form


def chart() -> trend.Chart:
    got = [0, 2, 6, 12, 25, 48, 90, 150, 230, 310, 390, 470, 550, 620, 690, 760, 840]
    typed = [0] * 7 + [8, 20, 45, 80, 110, 150, 190, 220, 270, 330]
    ahead = [(840 + n * 25.0, min(840 + n * 38.0, 1629), min(840 + n * 50.0, 1629)) for n in range(1, 22)]
    later = [(330 + n * 30.0, 330 + n * 40.0, 330 + n * 50.0) for n in range(1, 22)]
    words = {"today": "今天", "deadline": "截止", "whole": "应核 162.9 万"}
    series = [trend.Series("收到 90.6 万", got, ahead), trend.Series("录入 34.3 万", typed, later)]
    span = (date(2026, 5, 6), date(2026, 6, 12))
    return trend.draw(span, 1629, series, words, lambda count: f"{count // 10} 万" if count else "0")


SCHOOL_TABS = ["本轮", "花名册", "班级", "录入", "审批", "数字"]
CURRENT_TAB = {"c1": -1, "d1": 0, "d2": 1, "d4": 4, "d5": 5, "d6": -1, "404": -1}
SUPPORT = SimpleNamespace(name="试验一区教育局", phone="010-00000000")
STRIP = SimpleNamespace(
    title="2026 年春季核查",
    kind="全体在校生",
    deadline=date(2026, 6, 12),
    days_left=21,
    today=date(2026, 5, 22),
)


def around(name: str) -> dict[str, Any]:
    """What the app gives every page; staff pages have an actor and the round."""
    if name not in CURRENT_TAB:
        return {"actor": None, "strip": None, "place_name": "试验省教育厅", "support": SUPPORT}
    tabs = [(label, "#", n == CURRENT_TAB[name]) for n, label in enumerate(SCHOOL_TABS)]
    actor = SimpleNamespace(name="周管籍", role_label="学籍管理员", place_name="试验市第一小学", tabs=tabs)
    return {"actor": actor, "strip": STRIP, "place_name": actor.place_name, "support": SUPPORT}


def inside() -> dict[str, Any]:
    """What the sample pages show."""
    values: dict[str, Any] = json.loads((SAMPLES / "values.json").read_text(encoding="utf-8"))
    for place in values["places"]:
        place["cells"] = Cells(place["cells"], [""] * len(place["cells"]), "#")
    own = {"form": sample_form(), "chart": chart(), "differing": differences.differing, "reference": "4F7K-20"}
    return values | own
