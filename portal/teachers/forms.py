"""What class teachers decide on one sheet."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired

from portal.rules.words import N_
from portal.services.checking import REASONS, Eyes

#: the question on a drawn sheet: is really nothing written on it
NOTHING = {"yes": N_("真的没写"), "no": N_("写了字")}
CHANGED = {"no": N_("没有，全都对"), "yes": N_("有改动")}


def _choices(words: dict[str, str]) -> list[SelectChoice]:
    """Options whose labels are put into the language of the page when they are shown."""
    return [SelectChoice(key, lazy_gettext(text)) for key, text in words.items()]


class CheckForm(FlaskForm):
    """Accept a sheet; the questions are asked only where the machine could not answer them, or where its answer has
    been drawn to be looked at."""

    version = HiddenField(validators=[InputRequired()])
    signed = BooleanField(N_("我看到了签名"))
    missed = BooleanField(N_("纸上写了改动，机器没有看出来"))
    changed = RadioField(N_("表上有没有写改动"), choices=_choices(CHANGED), validate_choice=False)
    nothing = RadioField(N_("纸上真的什么都没写吗？"), choices=_choices(NOTHING), validate_choice=False)

    def eyes(self) -> Eyes:
        """The teacher's answers."""
        changed = {"yes": True, "no": False}.get(self.changed.data or "")
        if self.nothing.data in NOTHING:
            changed = self.nothing.data == "no"
        return Eyes(signed=bool(self.signed.data), changed=True if self.missed.data else changed)


class SendBackForm(FlaskForm):
    """Back to the family with a reason from the list or in own words."""

    version = HiddenField(validators=[InputRequired()])
    reason = RadioField(N_("为什么退回"), choices=_choices(REASONS), validate_choice=False)
    words = TextAreaField(N_("换一句话说"))

    def sentence(self) -> str:
        """The words the family will read: the teacher's own, else the chosen ones."""
        return (self.words.data or "").strip() or REASONS.get(self.reason.data or "", "")


def version_of(form: CheckForm | SendBackForm) -> int:
    """The version of the sheet that was on the screen; -1 for nonsense, which fits none."""
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
