"""What is said to the person who sent a photo: one sign, one short sentence and one line per outcome (sheet.md)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.paper.reasons import sentence
from portal.rules.words import N_
from portal.services.readings import PhotoAnswer


class Sign(StrEnum):
    """The four forms of a verdict, and the fifth of a photo that has not been looked at yet."""

    GOOD = "good"
    AGAIN = "again"
    SOMEBODY_LOOKS = "somebody_looks"
    BEING_READ = "being_read"


@dataclass(frozen=True)
class Verdict:
    """`title` and `lines` are message ids, the lines in the order of importance."""

    sign: Sign
    title: str
    lines: tuple[str, ...]

    @property
    def again(self) -> bool:
        """True when another photo is wanted."""
        return self.sign == Sign.AGAIN


_BY_OUTCOME = {
    "waiting": Verdict(Sign.BEING_READ, N_("收到了，正在看"), (N_("照片已经存好，一会儿就有结果。可以关掉这一页。"),)),
    "matched": Verdict(Sign.GOOD, N_("收到了，看得清"), (N_("可以放心关掉这一页。"),)),
    "back_page": Verdict(Sign.AGAIN, N_("这是背面，请拍正面"), (N_("请翻过来，拍有孩子资料和签名的那一面。"),)),
    "other_sheet": Verdict(
        Sign.AGAIN,
        N_("这是另一个孩子的表"),
        (N_("照片没有记到这个孩子名下。请换成这个孩子的表再拍；要交那一张，请扫那一张上的码。"),),
    ),
    "earlier_round": Verdict(Sign.AGAIN, N_("这是以前的表"), (N_("请拍学校今年发的这一张。"),)),
    "other_deployment": Verdict(
        Sign.AGAIN, N_("这张表不是这里发的"), (N_("请拍学校今年发的这一张，上面印着这个网址。"),)
    ),
    "revoked": Verdict(Sign.AGAIN, N_("这张纸表已经作废"), (N_("请向班主任要一张新的，签好再拍。这一张可以撕掉。"),)),
    "unknown": Verdict(Sign.SOMEBODY_LOOKS, N_("收到了，老师会认一下"), (N_("看不出是哪个孩子的。您不用做什么。"),)),
    "not_a_sheet": Verdict(
        Sign.AGAIN, N_("照片里没有看到这张表"), (N_("把纸放平，整张拍进去，四角的黑方块都要在里面。"),)
    ),
    "two_sheets": Verdict(Sign.AGAIN, N_("照片里有两张表"), (N_("一次拍一张，请把另一张拿开再拍。"),)),
    "unusable": Verdict(
        Sign.AGAIN, N_("收到了，请再拍一张"), (N_("这张照片看不出来。把纸放平，在亮的地方再拍一张。"),)
    ),
}
_AGAIN = N_("收到了，请再拍一张")
_UNSIGNED = Verdict(
    Sign.AGAIN, N_("收到了，还差签名"), (N_("没有看到签名。请家长在表的最下面签上名字和日期，再拍一张。"),)
)


def verdict_of(answer: PhotoAnswer) -> Verdict:
    """What to say about a photo. A readable sheet without a signature must be signed and photographed again (E4)."""
    if answer.outcome == "retake":
        return Verdict(
            Sign.AGAIN, _AGAIN, tuple(sentence(reason) for reason in answer.reasons) or _BY_OUTCOME["unusable"].lines
        )
    if answer.outcome == "matched" and answer.signed is False:
        return _UNSIGNED
    return _BY_OUTCOME[answer.outcome]
