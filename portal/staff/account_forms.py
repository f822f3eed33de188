"""Who is to work where: the fields of an invitation and of one more post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.rules.roles import Actor, Level, Role
from portal.services import lists


class PostForm(FlaskForm):
    """A role at a place. The place is chosen, or typed as its code where there are too many to choose from.

    At a school only a class teacher has a place of their own; everybody else works at the school.
    """

    role = RadioField(_l("岗位"), validators=[InputRequired(_l("请选岗位。"))])
    place = SelectField(_l("单位"), validators=[Optional()])
    code = StringField(_l("单位代码或学校标识码"), validators=[Length(max=20)])

    @classmethod
    def of(cls, roles: Sequence[Role], places: Sequence[Any]) -> Self:
        """The form with what may be chosen."""
        form = cls()
        form.role.choices = [(role.value, _(role.label)) for role in roles]
        form.place.choices = [("", _("请选")), *((place.id.hex, place.name) for place in places)]
        if not places:
            del form.place
        else:
            del form.code
        return form

    @property
    def chosen_role(self) -> Role:
        """The role that was chosen."""
        return Role(self.role.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """A place is needed wherever it does not follow from the role."""
        good = bool(super().validate(extra_validators))
        field = self.place or self.code
        if good and not field.data and self.needs_place():
            field.errors = [_("请选在哪里。")]
            return False
        return good

    def needs_place(self) -> bool:
        """True unless the place follows from the role: at a school everybody but class teachers works at the school."""
        offered = {value for value, _words in self.role.choices}
        return Role.TEACHER.value not in offered or self.role.data == Role.TEACHER.value

    def place_id(self, actor: Actor) -> UUID:
        """The place; raises `NotFound` for a code that is none of the actor's places."""
        if actor.level == Level.SCHOOL and self.chosen_role != Role.TEACHER:
            return actor.place_id
        if self.place:
            return UUID(self.place.data)
        return lists.place_coded(actor, self.code.data or "").id


class InviteForm(PostForm):
    """A new person: real name, and a login if one is wanted."""

    name = StringField(_l("姓名"), validators=[InputRequired(_l("请填姓名，账号是实名的。")), Length(max=40)])
    login = StringField(_l("账号"), validators=[Length(max=64)])
