"""What families type."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.rules.words import N_
from portal.services import claims
from portal.services.claims import Claim


class CodeForm(FlaskForm):
    """The registration code of page 2, as typed."""

    code = StringField(validators=[InputRequired(N_("请填第 2 页上的注册码。")), Length(max=200)])


def _tick() -> Any:
    """The consent; made anew in each form, because fields stand in the order in which they are made."""
    return BooleanField(_l("同意"), validators=[InputRequired(_l("不勾选不能注册。只拍照或者交纸表，一样有效。"))])


class AddForm(FlaskForm):
    """Another child for an account that is signed in: the question, the relation, the consent."""

    answer = StringField(_l("孩子身份证号的后 4 位"), validators=[InputRequired(_l("请填后 4 位。")), Length(max=40)])
    relation = SelectField(_l("您是孩子的"), validators=[InputRequired(_l("请选您是孩子的什么人。"))])
    agreed = _tick()
    version = HiddenField()

    def offer(self, language: str) -> None:
        """Fill the list of relations in the language of the page."""
        self.relation.choices = [("", _l("请选")), *claims.relations(language)]

    def claim(self, language: str) -> Claim:
        """What was given, with the consent text that stood on the page."""
        return Claim(
            answer=self.answer.data or "",
            relation=self.relation.data or "",
            version=self.version.data or "",
            language=language,
            **self.account(),
        )

    def account(self) -> dict[str, str]:
        """Telephone number and password, for who is not signed in."""
        return {}


class ClaimForm(AddForm):
    """The first child: the same, with the account."""

    phone = StringField(_l("您的手机号"), validators=[InputRequired(_l("请填手机号。")), Length(max=40)])
    password = PasswordField(_l("定一个密码"), validators=[InputRequired(_l("请填密码。")), Length(max=1024)])
    agreed = _tick()

    def validate_phone(self, given: Any) -> None:
        """A mobile number, however it is written."""
        if claims.phone_of(given.data or "") is None:
            raise ValidationError(_l("请填 11 位的手机号，前后不要别的字。"))

    def account(self) -> dict[str, str]:
        return {"phone": self.phone.data or "", "password": self.password.data or ""}
