"""Keep the two languages together: `check` lists what is wrong, `compile` writes the catalogue.

Chinese is the message id, in code and templates; the English stands in portal/translations/en/parts/, one file a room.
"""

import importlib.util
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

ROOT = Path(__file__).resolve().parent.parent
# Loaded by itself: the rest of the app is not needed here and need not be importable at set-up.
_spec = importlib.util.spec_from_file_location("catalogue", ROOT / "portal/web/catalogue.py")
assert _spec is not None
assert _spec.loader is not None
catalogue = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogue)
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
HOLE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}


@dataclass
class Findings:
    """What keeps the two languages apart; empty when all is well."""

    untranslated: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    holes: list[str] = field(default_factory=list)
    chinese_left: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line per finding, with its place where there is one."""
        kinds = {
            "no English": self.untranslated,
            "no longer used": self.unused,
            "other placeholders in English": self.holes,
            "Chinese in the English": self.chinese_left,
        }
        return [f"{kind}: {line}" for kind, lines in kinds.items() for line in lines]


def first(message: object) -> str:
    """The id itself, of a plural pair its first half."""
    return str(message[0] if isinstance(message, tuple | list) else message)


def used(package: Path = ROOT / "portal") -> dict[str, str]:
    """Every message id in code and templates, with the place of its first use."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)
    found: dict[str, str] = {}
    for file, line, message, *_ in extract_from_dir(package, methods, options, keywords=KEYWORDS):
        found.setdefault(first(message), f"portal/{file}:{line}")
    return found


def compare(ids: dict[str, str], english: dict[str, object]) -> Findings:
    """Hold the ids in use against the translations."""
    found = Findings()
    found.untranslated = [f"{place} {text!r}" for text, place in sorted(ids.items()) if not english.get(text)]
    found.unused = [repr(text) for text in sorted(set(english) - set(ids))]
    for text, translation in english.items():
        halves = translation if isinstance(translation, tuple | list) else (translation,)
        for half in halves:
            if set(HOLE.findall(text)) != set(HOLE.findall(str(half))):
                found.holes.append(f"{text!r} -> {half!r}")
            # Words of a form are quoted as they stand there; everything else is English.
            if any(run not in text for run in CHINESE.findall(str(half))):
                found.chinese_left.append(f"{text!r} -> {half!r}")
    return found


def english_of_parts() -> dict[str, object]:
    """All translations by message id; raises `TranslatedTwice`."""
    return {first(message.id): message.string for message in catalogue.merged(catalogue.parts()) if message.id}


def check() -> int:
    try:
        lines = compare(used(), english_of_parts()).lines()
    except catalogue.TranslatedTwice as error:
        lines = [str(error)]
    print("\n".join(lines) if lines else "Both languages are complete.")
    return bool(lines)


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return check()
    print(f"Compiled {catalogue.compile_english().relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
