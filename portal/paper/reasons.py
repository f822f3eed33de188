"""What a parent is told of a photo that is refused, unknown or to be taken again: code -> sentence and next step."""

from __future__ import annotations

from portal.rules.words import N_

WORDS: dict[str, str] = {
    # refused before reading
    "empty": N_("这个文件是空的。请重新选择照片。"),
    "too_big_file": N_("文件超过 20 MB。请用手机直接拍一张再发。"),
    "not_a_photo": N_("这不是照片。请拍下纸质表的正面再发。"),
    "animated": N_("这是动图。请发一张普通照片。"),
    "pdf": N_("这是 PDF 文件。请直接给纸质表拍照。"),
    "svg": N_("这是矢量图，不是照片。请给纸质表拍照。"),
    "other_format": N_("这种图片格式读不了。请发 JPEG、PNG、WebP 或 HEIC 照片。"),
    "too_big_pixels": N_("照片的像素太多。请用手机相机的普通模式再拍一张。"),
    "too_small": N_("图片太小，看不清字。请发原图，不要发缩略图。"),
    "truncated": N_("照片没有传完整。请再发一次。"),
    "broken": N_("这张照片打不开。请再拍一张。"),
    # nobody's for certain
    "not_a_sheet": N_("照片里没有找到确认表。请把整张表的正面拍进去。"),
    "few_marks": N_("黑方块拍到的太少，认不出是哪张表。把纸放平，六个黑方块都拍进去。"),
    "other_deployment": N_("这张表不是本系统印的，或者黑方块没有拍清楚。请核对后再拍。"),
    "unknown_leaf": N_("没有这张表的打印记录。请核对是不是学校发的那一张。"),
    "two_sheets": N_("照片里不止一张表。请一张一张地拍。"),
    "back_page": N_("这是背面。请翻过来拍有签名的正面。"),
    # cut
    "corner.top_left": N_("左上角没有拍进去。把纸放平，四个角都拍进去。"),
    "corner.top_right": N_("右上角没有拍进去。把纸放平，四个角都拍进去。"),
    "corner.bottom_left": N_("左下角没有拍进去。把纸放平，四个角都拍进去。"),
    "corner.bottom_right": N_("右下角没有拍进去。把纸放平，四个角都拍进去。"),
    "edge.top": N_("上边没有拍全。手机拿高一点，整张纸都拍进去。"),
    "edge.bottom": N_("下边没有拍全。手机拿高一点，整张纸都拍进去。"),
    "edge.left": N_("左边没有拍全。手机拿高一点，整张纸都拍进去。"),
    "edge.right": N_("右边没有拍全。手机拿高一点，整张纸都拍进去。"),
    # not clear enough
    "resolution": N_("照片不够清楚。靠近一点拍，发送时选“原图”。"),
    "blur": N_("照片拍糊了。拿稳手机，点一下屏幕对好焦再拍。"),
    "glare": N_("有几格反光，看不清。换个角度，不要开闪光灯。"),
    "glare.signature": N_("签名的地方反光，看不清。换个角度，不要开闪光灯。"),
    "dark": N_("有几格太暗，看不清。到亮一点的地方，别让影子挡住。"),
    "dark.signature": N_("签名的地方太暗，看不清。到亮一点的地方，别让影子挡住。"),
    "covered": N_("有几格被挡住了。把手和其他东西移开再拍。"),
    "covered.signature": N_("签名的地方被挡住了。把手和其他东西移开再拍。"),
}


def sentence(code: str) -> str:
    """The Chinese sentence of a reason, to be translated where it is shown; an unknown code reads as a broken photo."""
    return WORDS.get(code, WORDS["broken"])
