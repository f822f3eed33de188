"""How a service says no. Each refusal carries one sentence that says what to do; screens and commands only show it."""

from __future__ import annotations

from typing import Any

from portal.rules.words import N_


class Refusal(Exception):
    """Something asked for cannot be done. `text` is a Chinese message id, `values` fills its %(names)s."""

    status = 400

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text % values if values else text)
        self.text, self.values = text, values


class NotFound(Refusal):
    """It does not exist inside the actor's place; the same answer as for a thing that never existed (R130)."""

    status = 404

    def __init__(self) -> None:
        super().__init__("not found")


class NotYours(Refusal):
    """The actor's post does not allow the act."""

    status = 403


class TooLate(Refusal):
    """The thing has changed, the window has closed or somebody else was faster: look again (409)."""

    status = 409


class NoRound(TooLate):
    """No verification runs in this province now."""

    def __init__(self) -> None:
        super().__init__(N_("这里现在没有在做的核查。省里开始一轮以后再来看。"))


class Away(Refusal):
    """The store cannot take or give a file now; nothing was acknowledged, sending again is safe (sec-R5)."""

    status = 503


class Wait(Refusal):
    """Too many wrong tries on this one account or code; `values["minutes"]` says how long."""

    status = 429
