"""What people call the pages, for questions about one: never an address, only these words are kept and shown."""

from __future__ import annotations

from flask_babel import gettext

from portal.rules.words import N_

#: beginning of an endpoint's name -> words; the longest that fits is taken
NAMES = {
    "parents": N_("家长的页面"),
    "parents.landing": N_("扫码以后的页面"),
    "parents.genuine": N_("怎么认真假"),
    "parents.photo": N_("拍确认表"),
    "parents.answer": N_("照片的回执"),
    "parents.code": N_("填注册码"),
    "parents.use_code": N_("填注册码"),
    "teachers": N_("班主任的页面"),
    "teachers.class_list": N_("我的班"),
    "teachers.sheet": N_("看一张表"),
    "staff": N_("学校和教育局的页面"),
    "staff.round": N_("本轮要做的事"),
    "staff.roster": N_("花名册"),
    "staff.import": N_("导入花名册"),
    "staff.classes": N_("各班"),
    "staff.doubts": N_("打印前的疑问"),
    "staff.print": N_("打印确认表"),
    "staff.logins": N_("班主任登录条"),
    "staff.download_code": N_("下载码"),
    "staff.unlock": N_("下载码"),
    "staff.entry": N_("录入"),
    "staff.queue": N_("审批"),
    "staff.figures": N_("数字"),
    "staff.windows": N_("窗口"),
    "web.home": N_("首页"),
    "web.sign_in": N_("登录"),
    "web.password": N_("换密码"),
    "web.questions": N_("问题"),
}


def words_of(endpoint: str) -> str:
    """The name of a page in the language of the reader; of an unknown one "some page"."""
    found = max((known for known in NAMES if _fits(endpoint, known)), key=len, default=None)
    return gettext(NAMES[found]) if found else gettext("没有说是哪一页")


def _fits(endpoint: str, known: str) -> bool:
    return endpoint == known or endpoint.startswith((f"{known}.", f"{known}_"))
