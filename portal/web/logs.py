"""Requests by a number of their own: in the answer, in every line of the log, in every step (sec 7.1)."""

from __future__ import annotations

import logging
import secrets
import traceback

from flask import Flask, g, request
from werkzeug.wrappers import Response

from portal.rules.log_lines import log_line
from portal.services import history


def init(app: Flask) -> None:
    """Number every request."""

    @app.before_request
    def number() -> None:
        g.request_id = secrets.token_hex(8)
        history.came_from(g.request_id, request.remote_addr or "")

    @app.after_request
    def tell(answer: Response) -> Response:
        if "request_id" in g:
            answer.headers["X-Request-Id"] = g.request_id
        return answer

    @app.teardown_request
    def over(_error: BaseException | None) -> None:
        history.came_from_nowhere()


class JsonLines(logging.Formatter):
    """One JSON line an event. Of an exception only type and place: its text may quote what was worked on."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
            text = f"{text}: {record.exc_info[0].__name__}{place}"
        return log_line(record.levelname, record.name, text, record.created, history.request_id())


def begin() -> None:
    """Write the log of this process to standard error in such lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
