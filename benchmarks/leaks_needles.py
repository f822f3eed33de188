"""What must not be readable anywhere, in every dress it could wear, and the search for it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np

#: shorter ones turn up in random bytes by themselves
SHORTEST = 6
_PIECE = 1 << 24


@dataclass(frozen=True)
class Found:
    """A needle in a place: what it is (`name`, `id number` ...), where, and in which dress."""

    kind: str
    where: str
    dress: str


def dressed(text: str) -> Iterator[tuple[str, bytes]]:
    """The bytes a text may be written as."""
    for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        plain = text.encode(code)
        yield code, plain
        yield f"{code} in hexadecimal", plain.hex().encode()
        yield f"{code} in HEXADECIMAL", plain.hex().upper().encode()
        for shift in range(3):
            yield f"{code} in base64", _base64(plain, shift)
    yield "in an address", quote(text).encode()
    yield "in JSON", json.dumps(text).encode()[1:-1]


def _base64(plain: bytes, shift: int) -> bytes:
    """What is the same in base64 whatever stands before and after."""
    whole = base64.b64encode(b"\0" * shift + plain + b"\0" * 3)
    first = -(-shift * 8 // 6)
    return whole[first : (shift + len(plain)) * 8 // 6]


@dataclass
class Needles:
    """Texts by kind, ready to be looked for."""

    texts: dict[str, set[str]]
    _known: dict[bytes, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, texts in self.texts.items():
            for text in texts:
                for dress, plain in dressed(text):
                    if len(plain) >= SHORTEST and ("base64" not in dress or len(plain) >= SHORTEST + 2):
                        self._known.setdefault(plain, (kind, dress))
        self._longest = max(map(len, self._known))
        heads: dict[bytes, list[bytes]] = {}
        for plain in self._known:
            heads.setdefault(plain[:SHORTEST], []).append(plain)
        self._heads = heads
        self._begins = np.zeros(1 << 24, dtype=bool)
        self._begins[[int.from_bytes(head[:3], "big") for head in heads]] = True

    def count(self) -> int:
        """How many texts are looked for."""
        return len(set().union(*self.texts.values()))

    def in_bytes(self, data: bytes, where: str) -> set[Found]:
        """All that is found in some bytes."""
        found, plain = set[Found](), np.frombuffer(data, dtype=np.uint8).astype(np.int32)
        if len(plain) < SHORTEST:
            return found
        begins = np.flatnonzero(self._begins[(plain[:-2] << 16) | (plain[1:-1] << 8) | plain[2:]])
        for at in begins.tolist():
            for needle in self._heads.get(data[at : at + SHORTEST], ()):
                if data.startswith(needle, at):
                    kind, dress = self._known[needle]
                    found.add(Found(kind, where, dress))
        return found

    def in_file(self, path: Path, where: str) -> set[Found]:
        """All that is found in a file and in its name."""
        found, before = self.in_bytes(str(path.name).encode(), f"name of {where}"), b""
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                found |= self.in_bytes(before + piece, where)
                before = piece[-self._longest :]
        return found

    def in_folder(self, folder: Path, kind: str) -> tuple[set[Found], int, int]:
        """(what was found, files, bytes) below a folder."""
        found, files, size = set[Found](), 0, 0
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                files, size = files + 1, size + path.stat().st_size
                found |= self.in_file(path, f"{kind}: {path.relative_to(folder)}")
        return found, files, size

    def in_texts(self, texts: Iterable[str | bytes], where: str) -> tuple[set[Found], int]:
        """(what was found, texts) in texts such as addresses or rows."""
        found, count = set[Found](), 0
        for text in texts:
            count += 1
            found |= self.in_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "replace"), where)
        return found, count
