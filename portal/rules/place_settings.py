"""What an authority may set for all places below it: controlled items, class sizes, switches of functions, networks to
print from, evidence of applications and who may review them (P8, G8, D4, X7, X8, X17).

A lower level may only tighten: a switch that is off anywhere above is off, the smallest class size and the largest
share to be looked at hold, the items under control add up, networks must lie inside those above. A school sets nothing
but its own networks and who of its people needs a second step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from portal.rules import networks
from portal.rules.evidence import DEFAULT_KINDS, as_pairs, is_whole
from portal.rules.evidence_formats import REGISTRY, WIDE
from portal.rules.items import ITEMS, KEY_DATA, PARENT_ITEMS
from portal.rules.roles import AUTHORITY_LEVELS, OFFICERS, Level, Role
from portal.rules.words import N_

Kind = Literal["items", "number", "percent", "switch", "networks", "choice", "provincial", "kinds"]
#: a switch, a number of pupils, a share of which more is stricter, codes of items in their order, networks, one of
#: several words, or pairs "item:KIND"
Value = bool | int | str | tuple[str, ...]


class Switch(StrEnum):
    """Functions that an authority may switch off for its area; not the two time switches of a round (A2)."""

    FAMILY_ACCOUNTS = "family_accounts"
    SECOND_GUARDIAN = "second_guardian"
    PILES = "piles"
    TEACHER_UPLOAD = "teacher_upload"

    @property
    def off_words(self) -> str:
        """The sentence that stands in place of the function."""
        return _OFF_WORDS[self]


_OFF_WORDS = {
    Switch.FAMILY_ACCOUNTS: N_("这里不开家长账号。请把纸表签好字拍照送出，或者让孩子交给班主任，一样有效。"),
    Switch.SECOND_GUARDIAN: N_("这里一个孩子只开一个家长账号。请用已经开好的那个，或者在纸表上签字。"),
    Switch.PILES: N_("这里不开一次传一摞照片。请在每个孩子的页面上一张一张传。"),
    Switch.TEACHER_UPLOAD: N_("这里不开班主任代传。请家长自己拍照送出，或者把纸表交到学校。"),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to set; `default` holds where nobody has set it; numbers lie between `low` and `high`; a
    choice has its options from the strictest to the widest."""

    code: str
    kind: Kind
    label: str
    hint: str
    default: Value
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()


#: items an authority may put under control: key data are under control anyway
CONTROLLABLE: tuple[str, ...] = tuple(code for code in PARENT_ITEMS if code not in KEY_DATA)
CONTROLLED = "controlled"
#: items of little risk: what a family typed and also wrote can be accepted for a whole class at once; identity never
LOW_RISK: tuple[str, ...] = tuple(
    code for code in CONTROLLABLE if ITEMS[code].group in {"contact", "guardian 1", "guardian 2"} and "_id_" not in code
)
ONE_BY_ONE = "one_by_one"
PRINT_NETWORKS = "print_networks"
SAMPLE_SHARE = "sample_share"
SEATS = "seats"
EVIDENCE_FORMATS = "evidence_formats"
EVIDENCE_REQUIRED = "evidence_required"
EVIDENCE_KINDS = "evidence_kinds"
REGISTRAR_REVIEWS = "registrar_reviews"
SECOND_STEP = "second_step"
#: who of staff needs a second step, from the strictest; "nobody" holds in trials only
EVERYBODY, SCHOOLS, AUTHORITIES, NOBODY = "everybody", "schools", "authorities", "nobody"
_LOW, _HIGH = 10, 90


def _size(stage: int, label: str, default: int) -> Setting:
    hint = N_("一个班的人数。超过的班导入名册时会提醒，照样导入。")
    return Setting(f"class_size_{stage}", "number", label, hint, default, _LOW, _HIGH)


SETTINGS: dict[str, Setting] = {
    setting.code: setting
    for setting in (
        Setting(
            CONTROLLED,
            "items",
            N_("受控项目"),
            N_("勾上的项目不能直接录入，要像关键信息一样带证明走申请。"),
            (),
        ),
        Setting(
            ONE_BY_ONE,
            "items",
            N_("要一处一处录的项目"),
            N_("联系方式和家庭成员的项目，手机上填了、纸上也写了的，可以整班一起采纳。勾上的不行。"),
            (),
        ),
        _size(1, N_("小学班额"), 45),
        _size(2, N_("初中班额"), 50),
        _size(3, N_("高中班额"), 50),
        Setting(
            SEATS,
            "number",
            N_("核查席位"),
            N_("一个单位最多开这么多个实名席位，同时最多这么多人在里面。"),
            20,
            1,
            20,
        ),
        Setting(
            Switch.FAMILY_ACCOUNTS,
            "switch",
            N_("家长账号"),
            N_("家长用注册码开账号，在手机上核对。关了以后只走纸表。"),
            True,
        ),
        Setting(
            Switch.SECOND_GUARDIAN,
            "switch",
            N_("第二个家长账号"),
            N_("同一个孩子可以有两个家长账号，第二个要班主任同意。"),
            True,
        ),
        Setting(Switch.PILES, "switch", N_("一次传一摞照片"), N_("班主任把一摞纸表的照片一次传上来。"), True),
        Setting(Switch.TEACHER_UPLOAD, "switch", N_("班主任代传"), N_("家长传不了的，班主任代传。"), True),
        Setting(
            SAMPLE_SHARE,
            "percent",
            N_("抽看没写字的表"),
            N_("机器说没写改动的表，随机抽这么多给班主任看一眼。每个班至少抽一张。"),
            5,
            1,
            100,
        ),
        Setting(
            PRINT_NETWORKS,
            "networks",
            N_("打印确认表的网络"),
            N_("只有从这些网络才能打印和下载确认表；空着就不限制。一行一个，例如 10.20.0.0/16 或 2001:db8::/32。"),
            (),
        ),
        Setting(
            SECOND_STEP,
            "choice",
            N_("谁登录要第二步"),
            N_("密码以外，再填手机验证器上的 6 位数字。没有设好的人，登录以后先设，设好才能往下走。"),
            AUTHORITIES,
            options=(EVERYBODY, SCHOOLS, AUTHORITIES, NOBODY),
        ),
        Setting(
            EVIDENCE_FORMATS,
            "choice",
            N_("证明材料收什么文件"),
            N_("照片一律去掉拍摄信息，缩到 2 MB 以内再存；别的文件每份不超过 2 MB。"),
            WIDE,
            options=(REGISTRY, WIDE),
        ),
        Setting(
            EVIDENCE_REQUIRED,
            "provincial",
            N_("申请要上传证明材料"),
            N_("关了以后不上传也能送出。纸质复印件不管开不开都要交学校留存。"),
            True,
        ),
        Setting(
            REGISTRAR_REVIEWS,
            "provincial",
            N_("学籍管理员也能在学校核办"),
            N_("校领导以外，学籍管理员也可以核办申请；自己经过手的，谁都不能核办。"),
            False,
        ),
        Setting(
            EVIDENCE_KINDS,
            "kinds",
            N_("每一项要什么证明"),
            N_("勾上的材料有一种就行。没有身份证号的和持护照的学生另有规定，不在这里改。"),
            as_pairs(DEFAULT_KINDS),
        ),
    )
}
#: what only the province decides (X7, X8, X17)
_PROVINCIAL = ("provincial", "kinds")


def may_set(level: Level, code: str | None = None) -> bool:
    """True for the levels that set things for the places below them: the education authorities (P8).

    A school may set its own networks (D4) and ask its own people for a second step, some things the province alone
    sets; without a code: whether the level sets the rest.
    """
    if code is not None and SETTINGS[code].kind in _PROVINCIAL:
        return level == Level.PROVINCE
    return level in AUTHORITY_LEVELS or (code in (PRINT_NETWORKS, SECOND_STEP) and level == Level.SCHOOL)


def is_valid(code: str, value: object) -> bool:
    """True when `value` is of the setting's kind and inside its bounds."""
    setting = SETTINGS[code]
    if setting.kind in ("switch", "provincial"):
        return isinstance(value, bool)
    if setting.kind == "choice":
        return value in setting.options
    if setting.kind == "kinds":
        return isinstance(value, tuple) and is_whole(value)
    if setting.kind in ("number", "percent"):
        return isinstance(value, int) and not isinstance(value, bool) and setting.low <= value <= setting.high
    if setting.kind == "networks":
        return isinstance(value, tuple) and networks.is_normal(value)
    return isinstance(value, tuple) and set(value) <= set(CONTROLLABLE)


def in_order(items: Iterable[str]) -> tuple[str, ...]:
    """Items each once, in the order of the paper."""
    wanted = set(items)
    return tuple(code for code in CONTROLLABLE if code in wanted)


def strictest(code: str, above: Value, own: Value) -> Value:
    """What holds where `above` comes from the levels above and `own` was set here. What only one level sets simply
    holds."""
    setting = SETTINGS[code]
    if setting.kind in _PROVINCIAL:
        return own
    if setting.kind == "choice":
        return min(above, own, key=setting.options.index)
    if isinstance(above, tuple) and isinstance(own, tuple):
        return networks.common(above, own) if setting.kind == "networks" else in_order((*above, *own))
    if isinstance(above, bool) or isinstance(own, bool):
        return bool(above) and bool(own)
    assert isinstance(above, int)
    assert isinstance(own, int)
    return max(above, own) if setting.kind == "percent" else min(above, own)


def is_looser(code: str, above: Value, own: Value) -> bool:
    """True when `own` would allow more than the levels above do. Items set here only add to those from above."""
    if SETTINGS[code].kind in _PROVINCIAL:
        return False
    if isinstance(above, tuple) and isinstance(own, tuple):
        return SETTINGS[code].kind == "networks" and not networks.covers(above, own)
    return strictest(code, above, own) != own


def second_step_includes(held: str, role: Role, level: Level) -> bool:
    """True when `held` asks a post in this role at this level for a second step; officers count as authorities."""
    if held == NOBODY:
        return False
    if level in AUTHORITY_LEVELS or role in OFFICERS:
        return True
    return held == EVERYBODY or (held == SCHOOLS and role != Role.TEACHER)


def class_size_code(stage: str) -> str | None:
    """The setting for classes of a stage ("1" primary, "2" junior, "3" senior), or None for anything else."""
    code = f"class_size_{stage}"
    return code if code in SETTINGS else None
