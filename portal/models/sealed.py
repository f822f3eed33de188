"""A sealed attribute: JSON on the object, ciphertext bound to table, column and row in the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from portal.keys import Shredded, is_shredded, number_of, open_sealed, seal
from portal.models.data_keys import key_numbered, living_key_for

Scope = Callable[[Any], tuple[UUID, UUID | None]]


class Sealed:
    """Descriptor over a bytes column `<name>_sealed`; values are anything JSON can hold.

    The object must have its id and the columns of its scope before a value is set. Reading returns a fresh value:
    change it and assign it again.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.column, self.table = name, f"{name}_sealed", owner.__tablename__  # type: ignore[attr-defined]
        owner.SEALED = (*getattr(owner, "SEALED", ()), name)  # type: ignore[attr-defined]

    def open(self, thing_id: UUID, sealed: bytes | None) -> Any:
        """The value of a column that was read by itself, as many rows are counted. `Shredded` once its key is gone."""
        if sealed is None:
            return None
        if is_shredded(sealed):
            raise Shredded(f"{self.table}.{self.name} was shredded")
        return json.loads(open_sealed(key_numbered(number_of(sealed)), sealed, self._context(thing_id)))

    def _context(self, thing_id: UUID) -> str:
        return f"{self.table}|{self.name}|{thing_id.hex}"

    def __get__(self, thing: Any, owner: type) -> Any:
        if thing is None:
            return self
        return self.open(thing.id, getattr(thing, self.column))

    def __set__(self, thing: Any, value: Any) -> None:
        if value is None:
            setattr(thing, self.column, None)
            return
        number, key = living_key_for(*self.scope(thing))
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        setattr(thing, self.column, seal(key, number, text.encode(), self._context(thing.id)))
