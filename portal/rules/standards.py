"""How each item is to be filled, in one or two plain sentences beside its input (D7); message ids."""

from __future__ import annotations

from portal.rules.words import N_

_NUMBER = N_("居民身份证号是 18 位，最后一位可能是 X。别的证件照证件上填，不要空格。")
_PHONE = N_("打得通的手机号，11 位。座机前面加区号，例如 010-00000000。")
_ADDRESS = N_("从市、区写到门牌，26 个字以内。")
_HOUSEHOLD_BOOK = N_("照户口簿选。")
_CERTIFIED = N_("选“是”的，要有主管部门的证明。")
_DISABILITY = N_("没有残疾的选“无”或“否”，有的照残疾证选。")
_MAY_BE_EMPTY = N_("没有就空着。")

_PUPIL = {
    "name": N_("照户口簿填，中间不空格；名字里的点填“·”。"),
    "sex": _HOUSEHOLD_BOOK,
    "birth_date": N_("照户口簿或身份证上的出生日期填。"),
    "id_doc_type": N_("有身份证号的选居民身份证；外籍选护照，港澳台选自己的证件；都没有的选“其他”。"),
    "id_number": _NUMBER,
    "ethnic_group": _HOUSEHOLD_BOOK,
    "nationality": N_("有居民身份证的选中国。"),
    "hmt_overseas": N_("有居民身份证的选“否”。"),
    "political_status": N_("小学生选“群众”；中学生照实选。"),
    "health_status": N_("选“残疾”的，要有残疾证。"),
    "birthplace_code": N_("一步一步选到县（市、区）。"),
    "native_place": N_("写到县（市、区）；外籍写国名。"),
    "household_type": N_("照户口簿选；孩子没有户口的，照父母的，父母也没有的，照祖父母的。"),
    "household_place_code": N_("选到县（市、区）；孩子没有户口的，选父母一方的，父母也没有的，选祖父母的。"),
    "blood_type": N_("不知道可以空着。"),
    "former_name": N_("户口簿上有曾用名的才填，没有就空着。"),
    "id_valid_period": N_("身份证背面印的起止两天。"),
    "name_pinyin": N_("大写字母，姓和名之间空一格，例如 LIN XIAOSHI。"),
    "talent": N_("10 个字以内，没有就空着。"),
    "enrolment_way": N_("小学、初中一般选“就近入学”；从别的学校转来的选“其他”。"),
    "attendance_way": N_("每天回家住的选走读，住在学校的选住校。"),
    "student_source": N_("一般是正常入学。"),
    "phone": _PHONE,
    "postcode": N_("6 位数字。"),
    "email": N_("例如 a@example.org，没有就空着。"),
    "homepage": N_("以 https:// 开头，没有就空着。"),
    "current_address": _ADDRESS,
    "mailing_address": _ADDRESS,
    "home_address": _ADDRESS,
    "only_child": N_("有亲兄弟姐妹的选“否”。"),
    "preschool_attended": N_("上过幼儿园或学前班的选“是”。"),
    "left_behind": N_("父母一方外出务工选“单亲留守”，双方外出选“双亲留守”，都没有选“非留守”。"),
    "migrant_worker_child": N_("户口在外县，跟着来务工的父母在这里上学的选“是”。"),
    "orphan": _CERTIFIED,
    "martyr_child": _CERTIFIED,
    "inclusive_education": _DISABILITY,
    "disability_type": _DISABILITY,
    "government_bought_place": N_("政府出钱向民办学校买的学位选“是”。不清楚就请学校填。"),
    "needs_aid": N_("家里有困难、想申请资助的选“是”。"),
    "boarding_subsidy": N_("义务教育住校生的生活补助，走读的选“否”。"),
    "needs_school_bus": N_("每天要坐校车的选“是”。"),
    "commuting_mode": N_("选平时最常用的一种。"),
    "commute_distance_km": N_("从家到学校的公里数，最多一位小数，例如 1.5。"),
}
_MEMBER = {
    "name": N_("照身份证填。先填父母；父母不在或管不了的，依次填祖父母或外祖父母、成年的兄姐、别的亲友。"),
    "relation": N_("这位是孩子的什么人。"),
    "is_guardian": N_("两位家庭成员里，至少一位是监护人。"),
    "id_doc_type": N_("孩子有身份证号的，家长可以选“其他”，号码空着。"),
    "id_number": _NUMBER,
    "phone": _PHONE,
    "household_place_code": N_("选到县（市、区）；外籍的空着。"),
    "current_address": _ADDRESS,
    "ethnic_group": _HOUSEHOLD_BOOK,
    "relation_note": N_("关系选“其他”的才填。没有第二位家庭成员的，在这里写原因，例如单亲。"),
    "workplace": _MAY_BE_EMPTY,
    "job_title": _MAY_BE_EMPTY,
}

STANDARDS: dict[str, str] = _PUPIL | {
    f"guardian{which}_{bare}": words for which in (1, 2) for bare, words in _MEMBER.items()
}
"""The filling standard of every item that a family may correct, by item code."""
