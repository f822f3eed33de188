"""Made-up records with valid numbers of divisions that do not exist: for the demo, tests and measurements."""

from __future__ import annotations

from stdnum.iso7064 import mod_11_2

SURNAMES = "林周陈黄赵吴徐孙胡朱高何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许"
GIVEN = "试验样例测范核查清明安宁文思远达佳乐欣然一凡子涵"


def id_number(n: int, born: str, male: bool, division: str = "990101") -> str:
    """A resident ID number of a division that does not exist, with a valid check digit."""
    serial = 2 * (n % 499) + (1 if male else 2)
    body = f"{division}{born}{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


_SAME = {
    "school_name": "试验市第一小学",
    "school_code": "2199000001",
    "student_status": "01",
    "school_stage": "1",
    "birthplace_code": "990101000000",
    "native_place": "试验省试验市试验一区",
    "ethnic_group": "01",
    "nationality": "CHN",
    "id_doc_type": "1",
    "hmt_overseas": "00",
    "political_status": "13",
    "health_status": "10",
    "name_pinyin": "",
    "former_name": "",
    "id_valid_period": "",
    "household_place_code": "990101000000",
    "household_type": "2",
    "talent": "",
    "blood_type": "0",
    "local_student_number": "",
    "grade": "小学五年级",
    "class_no": "2020106",
    "entry_year_month": "202009",
    "enrolment_way": "11",
    "attendance_way": "1",
    "student_source": "1",
    "postcode": "100000",
    "email": "",
    "homepage": "",
    "only_child": "1",
    "preschool_attended": "1",
    "left_behind": "0",
    "migrant_worker_child": "0",
    "orphan": "0",
    "martyr_child": "0",
    "inclusive_education": "0",
    "disability_type": "0",
    "government_bought_place": "0",
    "needs_aid": "0",
    "boarding_subsidy": "0",
    "commute_distance_km": "1.5",
    "commuting_mode": "1",
    "needs_school_bus": "0",
}


def record_numbered(n: int) -> dict[str, str]:
    """The n-th record: all 77 items of the registry's template as stored texts."""
    male = n % 2 == 1
    born = f"2014{1 + n % 12:02d}{1 + n // 12 % 28:02d}"
    number = id_number(n // 336, born, male)
    surname = SURNAMES[n % len(SURNAMES)]
    name = surname + GIVEN[n * 7 % len(GIVEN)] + GIVEN[n * 11 // 3 % len(GIVEN)]
    address = f"试验一区和平小区{1 + n % 40}栋{100 + n % 900}"
    own = {
        "student_number": f"G{number}",
        "name": name,
        "sex": "1" if male else "2",
        "birth_date": born,
        "id_number": number,
        "class_seat_number": f"{1 + (n - 1) % 60:02d}",
        "current_address": address,
        "mailing_address": address,
        "home_address": address,
        "phone": f"154{n % 10**8:08d}",
    }
    return _SAME | own | _guardian(1, n, surname, address) | _guardian(2, n, "周", address)


def _guardian(which: int, n: int, surname: str, address: str) -> dict[str, str]:
    male = which == 1
    values = {
        "name": f"{surname}{GIVEN[n * 5 % len(GIVEN)]}{'大' if male else '验'}",
        "relation": "51" if male else "52",
        "relation_note": "",
        "ethnic_group": "01",
        "workplace": "",
        "current_address": address,
        "household_place_code": "990101000000",
        "phone": f"154{(which * 10**7 + n) % 10**8:08d}",
        "is_guardian": "1",
        "id_doc_type": "1",
        "id_number": id_number(n % 499, f"198{5 + which}05{1 + n % 28:02d}", male),
        "job_title": "",
    }
    return {f"guardian{which}_{item}": value for item, value in values.items()}
