"""The `portal` command: one file per group, each with `register(groups)` and handlers `(args, app) -> int`.

Unknown input never ends in a traceback: a refusal is one line on standard error and exit status 1.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from flask import Flask

Handler = Callable[[argparse.Namespace, Flask], int]


#: the modules of the groups, in the order in which they are listed
GROUPS = (
    *("serve", "demo", "set_up", "roster", "sheets", "receipts", "changes", "trace", "figures"),
    *("audit", "keys", "verify", "backup", "database", "compliance"),
)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="portal", description="Yearly verification of school records.")
    groups = top.add_subparsers(dest="group", required=True, metavar="COMMAND")
    for name in GROUPS:
        import_module(f"portal.commands.{name}").register(groups)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    args = parser().parse_args(argv)
    handler: Handler = args.func
    try:
        if getattr(args, "trial", False):
            os.environ.setdefault("PORTAL_TRIAL", "1")
        return _in_app(handler, args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        line = _line(error)
        if line is None:
            raise
        print(line, file=sys.stderr)
        return 1


def _in_app(handler: Handler, args: argparse.Namespace) -> int:
    from portal import create_app
    from portal.models import db

    app = create_app()
    with app.app_context():
        try:
            return handler(args, app)
        finally:
            app.extensions["portal.readers"].close()
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


def _line(error: Exception) -> str | None:
    """The one clear line for a failure a user can act on; None for a bug."""
    from sqlalchemy.exc import OperationalError

    from portal.files import StoreFailed, StoreUrlError
    from portal.keys import KeyFileError
    from portal.services.refusals import NotFound, Refusal
    from portal.settings import BadSettings

    if isinstance(error, NotFound):
        return "portal: there is no such place, school or class"
    if isinstance(error, Refusal):
        return f"portal: {error}"
    if isinstance(error, OperationalError):
        line = f"portal: the database does not answer, or needs `portal database upgrade`: {error.orig}"
        return line.splitlines()[0]
    if isinstance(error, BadSettings | KeyFileError | StoreFailed | StoreUrlError | OSError):
        return f"portal: {error}"
    return None
