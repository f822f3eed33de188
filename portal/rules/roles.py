"""Who there is: levels of the tree of places, roles, and the actor a service is called by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.rules.words import N_


class Level(StrEnum):
    """Levels of places, top down (domain 2.1)."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    SCHOOL = "school"
    CLASS = "class"

    @property
    def label(self) -> str:
        return _LEVEL_WORDS[self]


_LEVEL_WORDS = {
    Level.MINISTRY: N_("教育部"),
    Level.PROVINCE: N_("省"),
    Level.PREFECTURE: N_("地市"),
    Level.COUNTY: N_("区县"),
    Level.SCHOOL: N_("学校"),
    Level.CLASS: N_("班级"),
}

AUTHORITY_LEVELS = (Level.MINISTRY, Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)


class Role(StrEnum):
    """Roles a post can have (codes/user_role.csv)."""

    SYSADMIN = "SYSADMIN"
    REGISTRAR = "REGISTRAR"
    LEADER = "LEADER"
    OPERATOR = "OPERATOR"
    TEACHER = "TEACHER"
    PARENT = "PARENT"
    SUPPORT = "SUPPORT"
    AUDITOR = "AUDITOR"
    SECURITY = "SECURITY"

    @property
    def label(self) -> str:
        return _ROLE_WORDS[self]


_ROLE_WORDS = {
    Role.SYSADMIN: N_("系统管理员"),
    Role.REGISTRAR: N_("学籍管理员"),
    Role.LEADER: N_("学籍主管领导"),
    Role.OPERATOR: N_("核查操作员"),
    Role.TEACHER: N_("班主任"),
    Role.PARENT: N_("家长"),
    Role.SUPPORT: N_("技术支持人员"),
    Role.AUDITOR: N_("审计员"),
    Role.SECURITY: N_("安全管理员"),
}


#: who watches over the others: never two of these posts in one hand, and none beside another post (GB/T 22239)
OFFICERS = (Role.SYSADMIN, Role.SECURITY, Role.AUDITOR)


@dataclass(frozen=True)
class Actor:
    """The person who acts, with the one post they act in.

    `user_id` is None for a command on the machine. `path` is the path of the post's place: everything the actor may
    see lies below it (R130); a family's path lies below no place.
    `must_change` is true until a first password has been replaced (C2, R98), `must_secure` while a second step is due.
    """

    user_id: UUID | None
    session_id: UUID | None
    role: Role
    level: Level
    place_id: UUID
    path: str
    name: str
    place_name: str
    must_change: bool = False
    must_secure: bool = False

    def covers(self, path: str) -> bool:
        """True when `path` is the actor's own place or below it."""
        return path.startswith(self.path)
