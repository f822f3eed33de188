"""What a guardian agrees to before an account is opened: one text in both languages under one version (sec, law table).

A change of any word is a new version; what was agreed to is kept with its version and language.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Consent:
    """`tick` stands beside the box, `points` are pairs (question, answer)."""

    version: str
    tick: str
    points: tuple[tuple[str, str], ...]


VERSION = "1"

_ZH = Consent(
    VERSION,
    "我是孩子的监护人，看过下面的说明，同意这样用孩子和我的资料。",
    (
        ("为什么用", "只为核对孩子的学籍资料。核对准了，升学、办证才不出错。"),
        (
            "用哪些",
            "学籍表上的资料，您在手机上改的内容，签好字的表和证件的照片，您的手机号、您和孩子的关系。"
            "不要您的位置、通讯录和相册。",
        ),
        (
            "谁看得到",
            "孩子的班主任、学校管学籍的老师和主管领导；改姓名、身份证号这类关键信息时，还有审批的教育局。不给别人。",
        ),
        ("存在哪里，多久", "加密存在教育部门的服务器上，不出境。签好字的表和照片按学籍档案的规定由学校保存。"),
        ("您随时可以", "查看、更正、退出。退出以后手机号就删掉，已经交给学校的表仍然有效。"),
        ("不同意会怎样", "没有影响。只拍照，或者把签好字的纸表让孩子交给班主任，一样有效。"),
        ("有意见找谁", "先找班主任和学校，电话在纸表第 2 页；也可以找区县教育局。"),
    ),
)
_EN = Consent(
    VERSION,
    "I am the child's guardian. I have read the notes below and agree to this use of my child's data and mine.",
    (
        (
            "What for",
            "Only to check your child's school record, so that the next school and certificates get it right.",
        ),
        (
            "Which data",
            "What stands on the sheet, what you change on the phone, the photos of the signed sheet and of documents, "
            "your mobile number, and how you are related. Not your location, contacts or albums.",
        ),
        (
            "Who sees it",
            "The class teacher, the school's registrar and the head in charge; for a change of name, ID number or "
            "other key data also the education authority that decides. Nobody else.",
        ),
        (
            "Where and how long",
            "Encrypted on the education authority's servers, never abroad. The school keeps the signed sheet and its "
            "photos as the rules for student records say.",
        ),
        (
            "You can always",
            "See it, correct it, leave. When you leave, your mobile number is deleted; "
            "what the school has received still counts.",
        ),
        (
            "If you do not agree",
            "Nothing is lost. Send just the photo, or let the child hand the signed paper to the class teacher. "
            "That counts just the same.",
        ),
        (
            "Complaints",
            "First the class teacher and the school, see page 2 of the sheet; then the county's education authority.",
        ),
    ),
)


def text(language: str) -> Consent:
    """The present text in Chinese ("zh...") or English (anything else)."""
    return _ZH if language.startswith("zh") else _EN
