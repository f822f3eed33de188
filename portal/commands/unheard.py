"""What the server itself answers to requests that never reach the application: too large, or no HTTP at all."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from portal.web.headers import FIXED


class Unheard(ErrorTask):
    """The server's own refusal with the heads of every other answer (sec 2.7)."""

    def execute(self) -> None:
        self.response_headers.extend([*FIXED.items(), ("Cache-Control", "no-store")])
        super().execute()


def init() -> None:
    """From now on in this process."""
    HTTPChannel.error_task_class = Unheard
