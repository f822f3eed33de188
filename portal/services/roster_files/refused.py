"""Why a file is not taken, each with what to do about it. Nothing has been stored when one of these is raised."""

from __future__ import annotations

from collections.abc import Sequence

from portal.rules.words import N_
from portal.services.refusals import Refusal

EMPTY = N_("这个文件是空的，没有收。看一看是不是选错了文件。")
BIG = N_("文件超过 20 MB，没有收。把图片和多余的工作表删掉，或按年级分几次传。")
UNKNOWN = N_("这里只收 .xlsx、.xls 和 .csv，这个文件不是表格，没有收。在表格软件里打开名册，另存为 .xlsx 再传。")
OTHER_KIND = N_("这里只收 .xlsx、.xls 和 .csv，这是 %(kind)s，没有收。在表格软件里打开，另存为 .xlsx 再传。")
RENAMED = N_("文件名以 %(said)s 结尾，里面其实是 %(kind)s，没有收。在表格软件里打开，另存为 .xlsx 再传。")
MACROS = N_("文件里带有宏，没有收。在表格软件里另存为不带宏的 .xlsx 再传。")
LOCKED = N_("文件加了密码，打不开。在表格软件里去掉密码，存好再传。")
BROKEN = N_("文件打不开，可能没有传完整。在表格软件里打开看一看，另存为 .xlsx 再传。")
UNPACKED = N_("文件展开以后太大，没有收。把名册复制到空白的模板里，存好再传。")
SLOW = N_("文件太大或太复杂，读不完，没有收。把名册复制到空白的模板里，存好再传。")
BUSY = N_("现在有别的名册正在读，请过一分钟再传。")
ROWS = N_("名册一次最多 20,000 行，这个文件更多，没有收。请按年级分几次传。")
FAR = N_("%(cell)s 这一格离名册太远，没有收。把名册外面的内容删掉，或把名册复制到空白的模板里再传。")
NO_HEADER = N_("没有找到表头，没有收。第一行要写各列的名称，例如姓名、学籍号；可以下载空白模板对着看。")
NO_PUPILS = N_("文件里只有表头，没有学生，没有收。")
MISSING = N_("少了 %(count)s 列一定要有的，没有收。照模板补上再传。")
TWICE = N_("有两列写的是同一项，没有收。每一项只留一列再传。")
HEAD_FORMULA = N_("表头里的 %(cell)s 是公式，没有收。换成文字再传。")
UNDECODED = N_("第 %(line)s 行有读不出的字，没有收。在表格软件里另存为“CSV UTF-8”或 .xlsx 再传。")
QUOTES = N_("第 %(line)s 行的引号没有配成对，没有收。在表格软件里打开，另存为 .xlsx 再传。")


class FileRefused(Refusal):
    """The file cannot be read as a roster. `names` lists columns as they stand in the file or the template."""

    def __init__(self, text: str, names: Sequence[str] = (), **values: str) -> None:
        super().__init__(text, **values)
        self.names = list(names)

    def __str__(self) -> str:
        return " ".join([super().__str__(), "、".join(self.names)]).strip()
