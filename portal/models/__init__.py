"""What is kept: tables, no decisions."""

from portal.models.applications import Application, ChangeFile, FiledStep, Finding, RecordCheck, Unlisted
from portal.models.base import Base, db, guard_sqlite, set_writing, writing
from portal.models.data_keys import DataKey, Deployment, kept_key, key_for, key_numbered, keyring
from portal.models.decisions import Decision
from portal.models.exports import Export
from portal.models.families import Consent, Evidence, GroupCheck, Guardianship
from portal.models.figures import DayFigure, Delta, Figure
from portal.models.history import Step, Viewed
from portal.models.people import Post, RecoveryCode, SignIn, Try, User
from portal.models.places import Place
from portal.models.pupils import Pupil
from portal.models.receipts import ReceiptDay
from portal.models.rounds import LedgerEntry, RosterImport, Round, Switch, Unlock, Window
from portal.models.samples import SampleLook
from portal.models.sheets import Change, Leaf, Photo, Pile, PrintRun, Reading, RegistrationCode, Sheet
from portal.models.tickets import Ticket, TicketEntry

__all__ = [
    "Application",
    "Base",
    "Change",
    "ChangeFile",
    "Consent",
    "DataKey",
    "DayFigure",
    "Decision",
    "Delta",
    "Deployment",
    "Evidence",
    "Export",
    "Figure",
    "FiledStep",
    "Finding",
    "GroupCheck",
    "Guardianship",
    "Leaf",
    "LedgerEntry",
    "Photo",
    "Pile",
    "Place",
    "Post",
    "PrintRun",
    "Pupil",
    "Reading",
    "ReceiptDay",
    "RecordCheck",
    "RecoveryCode",
    "RegistrationCode",
    "RosterImport",
    "Round",
    "SampleLook",
    "Sheet",
    "SignIn",
    "Step",
    "Switch",
    "Ticket",
    "TicketEntry",
    "Try",
    "Unlisted",
    "Unlock",
    "User",
    "Viewed",
    "Window",
    "db",
    "guard_sqlite",
    "kept_key",
    "key_for",
    "key_numbered",
    "keyring",
    "set_writing",
    "writing",
]
