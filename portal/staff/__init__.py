"""Screens of registrars, operators, leaders and education authorities."""

from flask import Blueprint

screens = Blueprint("staff", __name__, url_prefix="/staff")

from portal.staff import (  # noqa: E402, F401 - the screens register themselves
    accounts,
    applications,
    archive,
    bulletin,
    change_files,
    classes,
    columns,
    columns_typed,
    decision_slip,
    deletions,
    doubts,
    entry,
    evidence,
    exports,
    figure_export,
    figures,
    findings,
    identity,
    logins,
    maintenance,
    maintenance_signing,
    manage,
    movements,
    piles,
    printing,
    queue,
    registrations,
    returned,
    reviews,
    roster,
    round,
    seats,
    settings,
    statement,
    unlocking,
    windows,
)
