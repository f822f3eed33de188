"""The tree of places as paths, so that "below me" is one prefix condition.

A path is the codes from the top, each followed by a slash: `99/9901/990101/2199000001/2020106/`
for province, prefecture, county, school and class. A school run by a prefecture or the province hangs directly
below it (domain 2.1): its authority is simply its parent.
"""

from __future__ import annotations

ROOT = ""


def child_path(parent: str, code: str) -> str:
    """The path of the place with `code` below `parent`."""
    if not code or "/" in code:
        raise ValueError("a place code is not empty and has no slash")
    return f"{parent}{code}/"


def is_below(path: str, ancestor: str) -> bool:
    """True for the ancestor itself and everything below it."""
    return path.startswith(ancestor)


def ancestors(path: str) -> list[str]:
    """All paths from the top down to `path` itself."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


def below(path: str) -> tuple[str, str]:
    """Bounds `low <= p < high` of all paths at or below `path` in byte order ("0" follows "/")."""
    return (path, path[:-1] + "0") if path else ("", "~")


def common_superior(one: str, other: str) -> str:
    """The path of the lowest place above both (K13, R115); empty when only the ministry is."""
    shared = [a for a, b in zip(ancestors(one)[:-1], ancestors(other)[:-1], strict=False) if a == b]
    return shared[-1] if shared else ROOT


def area_name(name: str) -> str:
    """The area an authority stands for: figures speak of 试验一区, not of its office."""
    office = next((end for end in _OFFICES if name.endswith(end) and name != end), "")
    return name.removesuffix(office)


#: how education authorities are called, longest first
_OFFICES = ("教育和体育局", "教育体育局", "教育委员会", "教体局", "教育局", "教育厅", "教委")
