"""What families type."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.rules.words import N_


class CodeForm(FlaskForm):
    """The registration code of page 2, as typed."""

    code = StringField(validators=[InputRequired(N_("请填第 2 页上的注册码。")), Length(max=200)])
