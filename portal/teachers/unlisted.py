"""A child who sits in the class and is not on its roster: who it is and where it comes from (J2, J3)."""

from __future__ import annotations

from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.rules.access import Action
from portal.rules.codes import table
from portal.rules.findings import UNLISTED
from portal.rules.problems import sentence
from portal.services import findings, findings_unlisted
from portal.services.findings_unlisted import LONGEST_FROM, Child, Wrong
from portal.services.refusals import Refusal
from portal.teachers import screens
from portal.teachers.findings import WORDS
from portal.web import guard
from portal.web.errors import words
from portal.web.guard import does
from portal.web.item_inputs import language
from portal.web.page import go, page

#: the fields of the form by the items of the registry
_FIELDS = {"name": "name", "sex": "sex", "birth_date": "birth_date", "id_number": "number"}


class UnlistedForm(FlaskForm):
    """What the teacher knows."""

    name = StringField(_l("姓名"), validators=[InputRequired(_l("请写姓名。")), Length(max=60)])
    sex = RadioField(_l("性别"), validators=[InputRequired(_l("请选性别。"))])
    birth_date = DateField(_l("出生日期"), validators=[InputRequired(_l("请填出生日期。"))])
    number = StringField(_l("身份证号"), validators=[Optional(), Length(max=30)])
    code = RadioField(_l("学籍在哪里"), validators=[InputRequired(_l("请选学籍在哪里。"))])
    origin = StringField(_l("从哪里来"), validators=[Optional(), Length(max=LONGEST_FROM)])

    @classmethod
    def fresh(cls) -> UnlistedForm:
        """The form with its choices in the language of the page."""
        form, sexes = cls(), table("sex")
        form.sex.choices = [(code, sexes.label(code, language())) for code in sexes.codes]
        form.code.choices = [(code.value, _(WORDS[code])) for code in UNLISTED]
        return form

    def child(self) -> Child:
        """What was filled in."""
        born = self.birth_date.data
        return Child(
            code=self.code.data,
            name=self.name.data or "",
            sex=self.sex.data,
            birth_date=f"{born:%Y%m%d}" if born else "",
            number=self.number.data or "",
            origin=self.origin.data or "",
        )


@screens.get("/<uuid:class_id>/findings/unlisted")
@does(Action.CHECK_PERSONS)
def unlisted(class_id: UUID) -> Response:
    """The form for one child."""
    return _form(class_id, UnlistedForm.fresh())


def _form(class_id: UUID, form: UnlistedForm, error: str | None = None, status: int = 200) -> Response:
    class_ = findings.class_of(guard.actor(), class_id)
    return page("teachers/unlisted.html", status=status, class_name=class_.name, class_id=class_id, form=form,
                error=error)  # fmt: skip


@screens.post("/<uuid:class_id>/findings/unlisted")
@does(Action.CHECK_PERSONS)
def add_unlisted(class_id: UUID) -> Response:
    """Add the child; wrong details come back beside their fields."""
    form, error = UnlistedForm.fresh(), None
    findings.class_of(guard.actor(), class_id)
    if not form.validate_on_submit():
        return _form(class_id, form, status=400)
    try:
        findings_unlisted.add(guard.actor(), class_id, form.child())
    except Wrong as wrong:
        for problem in wrong.problems:
            getattr(form, _FIELDS[problem.item or "name"]).errors = [sentence(problem, _, language())]
    except Refusal as refusal:
        if refusal.status in (404, 409):
            raise
        error = words(refusal)
    if form.errors or error:
        return _form(class_id, form, error, 400)
    return go("teachers.findings_list", class_id=class_id, _anchor="unlisted")


@screens.post("/<uuid:class_id>/findings/unlisted/<uuid:unlisted_id>/remove")
@does(Action.CHECK_PERSONS)
def remove_unlisted(class_id: UUID, unlisted_id: UUID) -> Response:
    """Added by mistake."""
    findings_unlisted.remove(guard.actor(), class_id, unlisted_id)
    return go("teachers.findings_list", class_id=class_id, _anchor="unlisted")
