"""The mark of an export: who took it, for which unit, when, under which number (sec-A36)."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, fields
from datetime import datetime

from portal.models import Export, Place, User, db, keyring
from portal.rules.clock import local
from portal.rules.exports import CHECK_SYMBOLS, mark_text
from portal.rules.numbers import ALPHABET
from portal.services.figure_workbook import clean

#: what stands for the person where a command on the machine made the file
MACHINE = "服务器命令"


@dataclass(frozen=True)
class Mark:
    """What stands in the head of each page, in a line of each sheet and in the properties of a file.

    `token` alone finds the export again; `line` is the sentence people read; `unit`, `name`, `purpose` and `at` (on the
    clock of Shanghai, "2026-05-01 09:30") are its parts.
    """

    token: str
    unit: str
    name: str
    purpose: str
    at: str

    @property
    def line(self) -> str:
        return f"{self.token}　{self.unit}　{self.name}　{self.at} 导出　用途：{self.purpose}　外传可以查到来源"


#: for a workbook that is kept: each copy gets its own mark when it is handed over
LATER = Mark("@@TOKEN@@", "@@UNIT@@", "@@NAME@@", "@@PURPOSE@@", "@@AT@@")


def stamped(content: bytes, mark: Mark) -> bytes:
    """A kept workbook with a mark in all places that were left for one."""
    out = io.BytesIO()
    pairs = [(getattr(LATER, part.name).encode(), _plain(getattr(mark, part.name)).encode()) for part in fields(Mark)]
    with zipfile.ZipFile(io.BytesIO(content)) as kept, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for info in kept.infolist():
            data = kept.read(info)
            for left, text in pairs:
                data = data.replace(left, text)
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _plain(text: str) -> str:
    """Without signs that mean something in XML or in the head of a page."""
    return clean(text).translate(str.maketrans('&<>"', "＆＜＞＂"))


def check_of(number: int) -> str:
    """The symbols that only this deployment can put behind a number."""
    value = int.from_bytes(keyring().blind("export.mark", str(number))[:8], "big")
    return "".join(ALPHABET[(value >> 5 * n) & 31] for n in range(CHECK_SYMBOLS))


def token_of(number: int) -> str:
    """The mark of an export by its number."""
    return mark_text(number, check_of(number))


def mark_of(export: Export, at: datetime) -> Mark:
    """The mark of an export that is made at the moment `at`."""
    user = db.session.get(User, export.by_id) if export.by_id else None
    name = (user.name or user.login) if user else MACHINE
    unit = db.session.get_one(Place, export.place_id).name
    told = export.purpose or {}
    return Mark(token_of(export.number), unit, name, told.get("words", ""), f"{local(at):%Y-%m-%d %H:%M}")
