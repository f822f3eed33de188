"""Dates as the registry writes them (YYYYMMDD, YYYYMM), and the forms in which files and people write them."""

import re
from datetime import date, timedelta

_DATE8 = re.compile(r"[0-9]{8}", re.ASCII)
_MONTH6 = re.compile(r"[0-9]{6}", re.ASCII)
_PERIOD17 = re.compile(r"([0-9]{8})-([0-9]{8})", re.ASCII)
_WRITTEN_DATE = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})日?(?:[ T]00:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_WRITTEN_MONTH = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})月?", re.ASCII)
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.0+)?", re.ASCII)

_SERIAL_START = date(1899, 12, 30)
_SERIAL_START_1904 = date(1904, 1, 1)
_SCHOOL_YEAR_BEGINS = 9


def is_date_shape(text: str) -> bool:
    """True for eight ASCII digits, real day or not."""
    return _DATE8.fullmatch(text) is not None


def real_date(text: str) -> date | None:
    """The day that YYYYMMDD names, None when it has another shape or no such day exists (R26)."""
    if not is_date_shape(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_month_shape(text: str) -> bool:
    """True for six ASCII digits, real month or not."""
    return _MONTH6.fullmatch(text) is not None


def is_month(text: str) -> bool:
    """True for YYYYMM with a month from 01 to 12 and a year after 1900 (R27)."""
    return is_month_shape(text) and "01" <= text[4:] <= "12" and text[:4] > "1900"


def period(text: str) -> tuple[date, date] | None:
    """First and last day of YYYYMMDD-YYYYMMDD, None for another shape or days that do not exist (R29)."""
    match = _PERIOD17.fullmatch(text)
    if not match:
        return None
    first, last = real_date(match[1]), real_date(match[2])
    return (first, last) if first and last else None


def age_on(born: date, day: date) -> int:
    """Completed years on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def school_year_of(day: date) -> int:
    """The year in which the school year of this day began; school years begin on 1 September."""
    return day.year if day.month >= _SCHOOL_YEAR_BEGINS else day.year - 1


def date_from_serial(serial: int, since_1904: bool = False) -> date:
    """The day behind a spreadsheet's day number. OverflowError outside the years 1 to 9999."""
    return (_SERIAL_START_1904 if since_1904 else _SERIAL_START) + timedelta(days=serial)


def date8_of_writing(text: str, since_1904: bool = False) -> str:
    """YYYYMMDD of 2017/3/5, 2017-03-05, 2017年3月5日 or a day number; any other text comes back as it is (sec-X10)."""
    match = _WRITTEN_DATE.fullmatch(text)
    if match:
        return f"{match[1]}{int(match[2]):02}{int(match[3]):02}"
    if _SERIAL.fullmatch(text):
        return f"{date_from_serial(int(float(text)), since_1904):%Y%m%d}"
    return text


def month6_of_writing(text: str) -> str:
    """YYYYMM of 2020/9, 2020.09, 2020年9月 or a whole date; any other text comes back as it is (sec-X10)."""
    match = _WRITTEN_MONTH.fullmatch(text) or _WRITTEN_DATE.fullmatch(text)
    return f"{match[1]}{int(match[2]):02}" if match else text
