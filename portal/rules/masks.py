"""Masks: what is shown of personal data where the whole is not needed (architecture section 3)."""

STAR = "*"
NAME_STAR = "＊"
_ID_LENGTH = 15
_MOST_NAME_STARS = 3


def mask_id(number: str) -> str:
    """First 6 and last 1 of an ID or student number; of shorter document numbers first 2 and last 1; of 5 none."""
    if len(number) >= _ID_LENGTH:
        return _keep(number, 6, 1)
    return _keep(number, 2, 1) if len(number) > 5 else STAR * len(number)


def mask_phone(phone: str) -> str:
    """138****1234; of a landline the area code and the last 4; of anything shorter than 8 nothing."""
    area, dash, rest = phone.rpartition("-")
    if dash and len(rest) > 6:
        return f"{area}-{_keep(rest, 0, 4)}"
    return _keep(phone, 3, 4) if len(phone) > 9 and not dash else STAR * len(phone)


def mask_name(name: str) -> str:
    """First and last character (张＊三), of two characters the first (张＊), of one none; at most three stars."""
    if len(name) < 3:
        return name[:1] + NAME_STAR if len(name) == 2 else NAME_STAR * len(name)
    return name[0] + NAME_STAR * min(len(name) - 2, _MOST_NAME_STARS) + name[-1]


def _keep(text: str, first: int, last: int) -> str:
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]
