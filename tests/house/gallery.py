"""Pictures of every component with made-up data, for looking: `make shots` writes them to screenshots/.

The sample pages stand in samples/ and use the portal's own templates, stylesheet, filters and words.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from datetime import date
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from PIL import Image, ImageDraw
from werkzeug.serving import make_server
from wtforms import BooleanField, DateField, FileField, Form, PasswordField, RadioField, SelectField, StringField, TextAreaField

from portal.web import assets, catalogue, differences, filters, headers, trend

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOTS = ROOT / "screenshots"
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = (360, 768, 1280)


class SampleForm(Form):
    """One field of each kind."""

    address = StringField("现住址")
    postcode = StringField("邮政编码")
    phone = StringField("联系电话")
    nation = SelectField("民族", choices=[("01", "汉族"), ("02", "蒙古族")])
    day = DateField("导表从")
    photo = FileField("户口簿照片")
    boarding = RadioField("是否寄宿生", choices=[("1", "是"), ("0", "否")])
    consent = BooleanField("我是孩子的监护人，同意学校用这些资料核对学籍。")
    reason = TextAreaField("理由")
    login = StringField("账号")
    password = PasswordField("密码")


def sample_form() -> SampleForm:
    form = SampleForm(data={"address": "试验一区和平小区 3 栋 201", "postcode": "10000", "phone": "154 0000 1234", "day": date(2026, 5, 11)})
    form.login.data = "zhou.guanji"
    form.postcode.errors = ["邮政编码要 6 位，这里只有 5 位。"]
    form.password.errors = ["账号或密码不对。还可以试 3 次。"]
    return form


def actor(tabs: list[str], current: int) -> SimpleNamespace:
    marked = [(label, "#", n == current) for n, label in enumerate(tabs)]
    return SimpleNamespace(name="周管籍", role_label="学籍管理员", place_name="试验市第一小学", tabs=marked)


def chart() -> trend.Chart:
    got = [0, 2, 6, 12, 25, 48, 90, 150, 230, 310, 390, 470, 550, 620, 690, 760, 840]
    typed = [0] * 7 + [8, 20, 45, 80, 110, 150, 190, 220, 270, 330]
    ahead = [(840 + n * 25.0, min(840 + n * 38.0, 1629), min(840 + n * 50.0, 1629)) for n in range(1, 22)]
    later = [(330 + n * 30.0, 330 + n * 40.0, 330 + n * 50.0) for n in range(1, 22)]
    words = {"today": "今天", "deadline": "截止", "whole": "应核 162.9 万"}
    series = [trend.Series("收到 90.6 万", got, ahead), trend.Series("录入 34.3 万", typed, later)]
    span = (date(2026, 5, 6), date(2026, 6, 12))
    return trend.draw(span, 1629, series, words, lambda count: f"{count // 10} 万" if count else "0")


def round_steps() -> list[dict[str, Any]]:
    return [
        {"state": "done", "title": "时间窗口", "text": "导表 5 月 11 日至 31 日，录入 5 月 18 日至 6 月 12 日", "note": "省里统一开放，两个都开着"},
        {"state": "done", "title": "下载码", "text": "已解锁", "note": "5 月 11 日 08:52，周管籍看码，周管籍输入", "url": "#", "action": "记录"},
        {"state": "done", "title": "花名册", "text": "2,016 人，本轮核查 1,998 人", "note": "18 人不在范围，每人有原因", "url": "#", "action": "看名单"},
        {"state": "needs", "title": "打印前的疑点", "text": "还有 3 处没看，共 26 处", "note": "多为身份证号校验码不对", "url": "#", "action": "看 3 处", "kind": "second"},
        {"state": "todo", "title": "打印确认表", "text": "第 3 批，一年级 6 个班", "right": "168 / 270 张", "part": 168, "whole": 270,
         "note": "可以离开，做好了在这里等您", "url": "#", "action": "停下", "kind": "second", "post": True},
        {"state": "now", "title": "录入", "text": "录完 612 人的", "right": "已检查 1,088", "part": 612, "whole": 1088, "url": "#", "action": "录入"},
        {"state": "closed", "title": "归档", "note": "6 月 12 日后可以做"},
    ]  # fmt: skip


def places() -> list[dict[str, Any]]:
    rows = [
        ("试验省", 0, True, (1628610, 1592140, 906020, 884310, 879660, 342530, 311650)),
        ("试验市", 1, True, (612480, 612480, 389610, 381300, 379420, 221050, 203340)),
        ("试验一区", 2, True, (98640, 98640, 70120, 68930, 68610, 45210, 42080)),
        ("试验市第一小学", 3, None, (1998, 1998, 1204, 1181, 1176, 612, 540)),
        ("市直属学校", 2, False, (8420, 8420, 6630, 6550, 6540, 4980, 4710)),
        ("省直属学校", 1, False, (4310, 0, 0, 0, 0, 0, 0)),
    ]
    return [
        {"name": name, "depth": depth, "open": is_open, "url": "#" if is_open is not None else None, "cells": [(n, "#") for n in numbers]}
        for name, depth, is_open, numbers in rows
    ]


def windows() -> list[dict[str, Any]]:
    def window(kind: str, state: str, start: int, length: int, text: str) -> dict[str, Any]:
        return {"kind": kind, "state": state, "start": start, "length": length, "text": text}

    return [
        {"name": "试验市", "note": "61.2 万人", "windows": [window("export", "past", 0, 15, "导表 5/6 至 5/20"), window("entry", "open", 7, 24, "录入 5/13 至 6/5，开着")]},
        {"name": "试验二市", "note": "43.8 万人", "windows": [window("export", "open", 4, 16, "导表 5/10 至 5/25，开着"), window("entry", "open", 12, 22, "录入 5/18 至 6/8，开着")]},
        {"name": "试验三市", "note": "34.2 万人", "chosen": True, "windows": [window("export", "open", 5, 16, "导表 5/11 至 5/26，开着"), window("entry", "planned", 19, 19, "录入 5/25 至 6/12，还没开")]},
    ]  # fmt: skip


def grid() -> list[dict[str, Any]]:
    def row(number: int, texts: str, **looks: str) -> dict[str, Any]:
        cells = [{"text": text, "look": looks.get(f"c{n}"), "id": f"c{number}-{n}"} for n, text in enumerate(texts.split("|"))]
        return {"number": number, "cells": cells}

    return [
        row(40, "六年级1班|39|叶＊例|男|2013-11-30|1|990101********4417|154****0039"),
        row(41, "六年级1班|40|周＊格|男|2014-05-02|1|990101********017|154****0040", c6="wrong"),
        row(42, "六年级1班|41|朱＊范|女|2014-07-19|1|990102********0465|154****041", c7="doubtful"),
        {"gap": "中间 163 行没有错误"},
        row(207, "五年级3班|18|宋＊格|女|2015-06-09|1|990102********0283|154****0207", c4="wrong"),
    ]


CHIPS = [
    ("还没动", "not_yet"), ("已注册", "registered"), ("已收到", "received"), ("看不清", "unreadable"), ("已退回", "sent_back"),
    ("已检查", "checked"), ("已录入", "entered"), ("等区教育局", "waiting"), ("未采纳", "refused"), ("超过 3 天", "overdue"),
]  # fmt: skip
JOBS = [
    {"state": "running", "title": "正在打印", "done": 168, "total": 270, "unit": "张", "stop_url": "#"},
    {"state": "done", "title": "做好了", "file_url": "#", "file_name": "一年级.pdf，1.2 MB"},
    {"state": "failed", "title": "没做成", "note": "二年级（3）班有 1 个生僻字印不出：12 号学生。", "again_url": "#"},
]
QUEUE = [("林＊试", "姓名", "试验市第一小学，六（1）班", 2), ("赵＊测", "出生日期", "试验市第三小学，五（1）班", 3), ("孙＊文", "身份证件号（补填）", "和平街小学，二（1）班", 5)]
CAUSES = [{"name": n, "count": c, "url": "#"} for n, c in [("还没动", 402310), ("已注册，没交", 131400), ("去外地了", 61870), ("电话打不通", 22160), ("不愿意", 1210), ("原因没记", 17940)]]
SCHOOL_TABS = ["本轮", "花名册", "班级", "录入", "审批", "数字"]
TABS = {"c1": -1, "d1": 0, "d2": 1, "d4": 4, "d5": 5, "d6": -1, "404": -1}


def sample_paper() -> bytes:
    """A page with lines on it."""
    image = Image.new("RGB", (420, 594), "#fffdf8")
    draw = ImageDraw.Draw(image)
    for y in range(90, 500, 22):
        draw.line((40, y, 380, y), fill="#888")
    for x, y in ((12, 12), (384, 12), (12, 558), (384, 558)):
        draw.rectangle((x, y, x + 24, y + 24), fill="#111")
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def build(language: str = "zh", large: bool = False) -> Flask:
    """A small app around the portal's templates; its addresses lead nowhere."""
    catalogue.compile_if_stale()
    app = Flask("gallery", static_folder=None, root_path=str(ROOT / "portal"))
    app.secret_key = "only for pictures"
    app.config.update(BABEL_DEFAULT_LOCALE="en" if language == "en" else "zh_CN", BABEL_TRANSLATION_DIRECTORIES="translations")
    from flask_babel import Babel

    Babel(app)
    CSRFProtect(app)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(ROOT / "portal/templates"), FileSystemLoader(HERE / "samples")])
    for part in (filters, assets):
        part.init(app)
    app.jinja_env.globals["static_url"] = app.extensions["portal.static_url"]
    headers.init(app, https=False)
    web = Blueprint("web", __name__)
    for name in ("home", "language", "large", "sign_out", "wrong"):
        web.add_url_rule(f"/-/{name}", name, lambda: "", methods=["GET", "POST"])
    app.register_blueprint(web)
    today = date(2026, 5, 22)
    strip = SimpleNamespace(title="2026 年春季核查", kind="全体在校生", deadline=date(2026, 6, 12), days_left=21, today=today)
    support = SimpleNamespace(name="向区教育局提问", phone="010-00000000")

    @app.get("/<name>")
    def show(name: str) -> str:
        staff = name in TABS
        values = {
            "actor": actor(SCHOOL_TABS, TABS[name]) if staff else None,
            "strip": strip if staff else None,
            "place_name": "试验市第一小学" if staff else "试验省教育厅",
            "language": language,
            "large": large,
            "support": support,
        }
        template = f"errors/{name}.html" if name.isdigit() else f"{name}.html"
        return render_template(template, form=sample_form(), chips=CHIPS, jobs=JOBS, queue=QUEUE, chart=chart(), places=places(),
                               windows=windows(), grid=grid(), causes_of_open=CAUSES, steps_of_round=round_steps(),
                               differing=differences.differing, reference="4F7K-20", **values)  # fmt: skip

    @app.get("/sample.png")
    def paper() -> Response:
        return Response(sample_paper(), mimetype="image/png")

    return app


def names() -> list[str]:
    """The sample pages."""
    return sorted(path.stem for path in (HERE / "samples").glob("*.html")) + ["404"]


def serve(app: Flask) -> tuple[Any, str]:
    """Serve in the background; returns the server and its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


def shoot(only: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    SHOTS.mkdir(exist_ok=True)
    looks = [("", "light", "zh", False, WIDTHS), ("-dark", "dark", "zh", False, (360, 1280)), ("-large", "light", "zh", True, (320, 360, 768)), ("-en", "light", "en", False, (320, 1280))]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=BROWSER_FLAGS)
        for suffix, scheme, language, large, widths in looks:
            server, address = serve(build(language, large))
            for width in widths:
                page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
                for name in only or names():
                    page.goto(f"{address}/{name}")
                    page.screenshot(path=SHOTS / f"{name}-{width}{suffix}.png", full_page=True)
                    wide = page.evaluate("document.documentElement.scrollWidth")
                    print(f"{name} {width}{suffix}" + (f": {wide - width} px too wide" if wide > width else ""))
                page.close()
            server.shutdown()
        browser.close()


if __name__ == "__main__":
    shoot(sys.argv[1:])
