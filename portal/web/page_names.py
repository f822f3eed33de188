"""What people call the pages, for questions about one: never an address, only these words are kept and shown."""

from __future__ import annotations

from flask_babel import gettext

from portal.rules.words import N_

#: beginning of an endpoint's name -> words; the longest that fits is taken
NAMES = {
    "parents": N_("家长的页面"),
    "parents.landing": N_("扫码以后的页面"),
    "parents.genuine": N_("怎样知道这不是骗人的"),
    "parents.photo": N_("拍照交表"),
    "parents.answer": N_("照片的回执"),
    "parents.code": N_("填注册码"),
    "parents.claim": N_("注册"),
    "parents.home": N_("我的孩子"),
    "parents.looks": N_("谁看过孩子的资料"),
    "parents.child": N_("我的孩子"),
    "parents.check": N_("核对资料"),
    "parents.document": N_("拍证件"),
    "parents.forgot": N_("忘了密码"),
    "parents.consent_text": N_("资料怎样用"),
    "teachers": N_("班主任的页面"),
    "teachers.class_list": N_("我的班"),
    "teachers.sheet": N_("看表"),
    "teachers.unchanged": N_("一起确认"),
    "teachers.causes": N_("为什么还没交"),
    "teachers.reminder": N_("提醒的话"),
    "teachers.returned_papers": N_("登记交回的纸表"),
    "teachers.pile": N_("翻拍一叠"),
    "teachers.receipt_check": N_("查回执"),
    "teachers.versions": N_("一张表的照片"),
    "teachers.requests": N_("等您同意的家长"),
    "teachers.family": N_("注册的家长"),
    "staff": N_("学校和教育局的页面"),
    "staff.round": N_("本轮"),
    "staff.audit": N_("操作记录"),
    "staff.anchor": N_("抄下来"),
    "web.see_more": N_("今天看得多了"),
    "staff.roster": N_("花名册"),
    "staff.classes": N_("各班"),
    "staff.doubts": N_("打印前的疑点"),
    "staff.print": N_("打印确认表"),
    "staff.returned": N_("登记交回的纸表"),
    "staff.piles_page": N_("成叠的照片"),
    "staff.logins": N_("班主任登录条"),
    "staff.download_code": N_("下载码"),
    "staff.unlock": N_("下载码"),
    "staff.entry": N_("录入"),
    "staff.queue": N_("审批"),
    "staff.review": N_("等您看的申请"),
    "staff.reviews": N_("等您看的申请"),
    "staff.review_places": N_("申请等在哪里"),
    "staff.archive": N_("归档"),
    "staff.figures": N_("数字"),
    "staff.figure": N_("数字"),
    "staff.windows": N_("时间窗口"),
    "staff.manage": N_("管理"),
    "staff.manage_account": N_("账号"),
    "staff.manage_accounts": N_("账号"),
    "staff.manage_settings": N_("设定"),
    "staff.manage_ledger": N_("应核人数怎么来的"),
    "staff.manage_movements": N_("转入转出"),
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
