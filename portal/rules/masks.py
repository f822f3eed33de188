"""Masks: what is shown of personal data where the whole is not needed (architecture section 3)."""

from difflib import SequenceMatcher

STAR = "*"
NAME_STAR = "＊"
_ID_LENGTH = 15
_MOST_NAME_STARS = 3
#: of a pair, so many characters that differ are shown
_MOST_DIFFERENT = 6


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


def is_veiled(old: str, new: str) -> bool:
    """True when an old and a new value differ in so much that `mask_pair` does not show what differs."""
    same = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return max(len(old), len(new)) - same > _MOST_DIFFERENT


def mask_pair(old: str, new: str, is_name: bool) -> tuple[str, str]:
    """An old and a new name or number, masked but for the few characters in which they differ: whoever compares them
    needs these. Where nearly all differ nothing more than the mask is shown."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    shown: tuple[set[int], set[int]] = (set(), set())
    for kind, start, end, new_start, new_end in codes:
        if kind != "equal":
            shown[0].update(range(start, end))
            shown[1].update(range(new_start, new_end))
    if is_veiled(old, new):
        shown = (set(), set())
    return _but(old, shown[0], is_name), _but(new, shown[1], is_name)


def _but(text: str, shown: set[int], is_name: bool) -> str:
    """Masked but for some places; a short name of which those would show the whole begins with a star."""
    mask, star = (mask_name, NAME_STAR) if is_name else (mask_id, STAR)
    if not shown:
        return mask(text)
    first, last = (1, 1 if len(text) > 2 else 0) if is_name else (6, 1) if len(text) >= _ID_LENGTH else (2, 1)
    kept = {at for at in range(len(text)) if at < first or at >= len(text) - last} | shown
    if len(kept) == len(text):
        kept = shown if len(shown) < len(text) else set()
    return "".join(sign if at in kept else star for at, sign in enumerate(text))


def _keep(text: str, first: int, last: int) -> str:
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]
