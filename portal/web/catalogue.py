"""The English words: every room keeps one part file, together they are the catalogue the screens read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"


class TranslatedTwice(Exception):
    """Two parts give different English for the same Chinese; the text names both files."""


def parts(folder: Path = TRANSLATIONS) -> list[Path]:
    """The part files, in a fixed order."""
    return sorted((folder / "en/parts").glob("*.po"))


def merged(files: list[Path], strict: bool = True) -> Catalog:
    """One catalogue of all parts. Where two of them disagree: raises `TranslatedTwice`, or takes the first."""
    whole = Catalog(locale="en", fuzzy=False, charset="utf-8")
    origin: dict[object, Path] = {}
    for file in files:
        with file.open("rb") as stream:
            part = read_po(stream, locale="en", abort_invalid=True)
        for message in part:
            if not message.id:
                continue
            known = whole.get(message.id)
            if known is not None and known.string != message.string:
                if not strict:
                    continue
                raise TranslatedTwice(f"{message.id!r}: different English in {origin[message.id]} and {file}")
            whole.add(message.id, message.string)
            origin[message.id] = file
    return whole


def compile_english(folder: Path = TRANSLATIONS) -> Path:
    """Write the compiled catalogue where Flask-Babel looks for it; an unchanged one is left alone.

    A disagreement of two parts does not keep the app from starting; `make words` and the tests report it.
    """
    target = folder / "en/LC_MESSAGES/messages.mo"
    content = BytesIO()
    write_mo(content, merged(parts(folder), strict=False))
    if not target.exists() or target.read_bytes() != content.getvalue():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_suffix(".new")
        fresh.write_bytes(content.getvalue())
        fresh.replace(target)
    target.touch()
    return target


def compile_if_stale(folder: Path = TRANSLATIONS) -> None:
    """For the start of the app: compile when the catalogue is missing or older than a part."""
    target = folder / "en/LC_MESSAGES/messages.mo"
    files = parts(folder)
    if not target.exists() or any(file.stat().st_mtime > target.stat().st_mtime for file in files):
        compile_english(folder)
