"""What the steps of the history are called, and the kinds an auditor chooses by."""

from __future__ import annotations

from enum import StrEnum

from portal.rules.words import N_


class Kind(StrEnum):
    """A kind of act, as it stands in the filter."""

    SIGN_INS = "sign_ins"
    VIEWS = "views"
    FILES = "files"
    SHEETS = "sheets"
    ENTRY = "entry"
    APPLICATIONS = "applications"
    FAMILIES = "families"
    ROSTER = "roster"
    SETTINGS = "settings"
    ALARMS = "alarms"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return _KINDS[self]


_KINDS = {
    Kind.SIGN_INS: N_("账号和登录"),
    Kind.VIEWS: N_("看全名全号"),
    Kind.FILES: N_("打印和导出"),
    Kind.SHEETS: N_("确认表和照片"),
    Kind.ENTRY: N_("录入和改动"),
    Kind.APPLICATIONS: N_("申请"),
    Kind.FAMILIES: N_("家长和问题"),
    Kind.ROSTER: N_("花名册和轮次"),
    Kind.SETTINGS: N_("设置"),
    Kind.ALARMS: N_("警示"),
    Kind.SYSTEM: N_("系统"),
}

#: move -> its kind and its words
MOVES: dict[str, tuple[Kind, str]] = {
    "SIGN_IN": (Kind.SIGN_INS, N_("登录了")),
    "SIGN_IN_FAILED": (Kind.SIGN_INS, N_("登录没有成功")),
    "CHANGE_PASSWORD": (Kind.SIGN_INS, N_("换了密码")),
    "SECOND_ON": (Kind.SIGN_INS, N_("开了第二步")),
    "SECOND_OFF": (Kind.SIGN_INS, N_("关了第二步")),
    "CHANGE_SECOND": (Kind.SIGN_INS, N_("换了第二步")),
    "SECOND_WRONG": (Kind.SIGN_INS, N_("第二步输错")),
    "NEW_RECOVERY_CODES": (Kind.SIGN_INS, N_("换了备用码")),
    "RESET_SECOND": (Kind.SIGN_INS, N_("重设了第二步")),
    "END_OWN_SIGN_INS": (Kind.SIGN_INS, N_("退出了自己别处的登录")),
    "END_SIGN_INS": (Kind.SIGN_INS, N_("结束了别人的登录")),
    "MAKE_LOGIN": (Kind.SIGN_INS, N_("开了账号")),
    "END_LOGIN": (Kind.SIGN_INS, N_("停了账号")),
    "RESET_LOGIN": (Kind.SIGN_INS, N_("重设了首次密码")),
    "GIVE_POST": (Kind.SIGN_INS, N_("给了岗位")),
    "END_POST": (Kind.SIGN_INS, N_("结束了岗位")),
    "RENAME_SEAT": (Kind.SIGN_INS, N_("改了核查账号的姓名")),
    "PRINT_LOGIN_SLIP": (Kind.SIGN_INS, N_("打印了账号条")),
    "PRINT_LOGIN_SLIPS": (Kind.SIGN_INS, N_("打印了一批账号条")),
    "PRINT_PASSWORD_SLIP": (Kind.SIGN_INS, N_("打印了家长密码条")),
    "RESET_FAMILY_PASSWORD": (Kind.SIGN_INS, N_("重设了家长密码")),
    "SEE_APPLICATION_IN_FULL": (Kind.VIEWS, N_("看了申请的全名全号")),
    "SEE_ROSTER_IN_FULL": (Kind.VIEWS, N_("看了花名册的全名全号")),
    "SEE_CHECK_LIST_IN_FULL": (Kind.VIEWS, N_("看了摸底名单的全名全号")),
    "SEE_IDENTITY_IN_FULL": (Kind.VIEWS, N_("看了完整的证件号")),
    "SEE_RECORD_IN_FULL": (Kind.VIEWS, N_("看了完整的学籍资料")),
    "SEE_DOUBTS": (Kind.VIEWS, N_("看了打印前的疑点")),
    "VIEW_MORE": (Kind.VIEWS, N_("看得多，写明原因后接着看")),
    "MASS_VIEW": (Kind.VIEWS, N_("一天看得太多")),
    "DOWNLOAD_EVIDENCE": (Kind.VIEWS, N_("下载了证明材料")),
    "START_PRINT": (Kind.FILES, N_("开始打印")),
    "PRINT": (Kind.FILES, N_("印好了一张表")),
    "PRINT_ANYWAY": (Kind.FILES, N_("有疑点也打印")),
    "CANCEL_PRINT": (Kind.FILES, N_("停了打印")),
    "FETCH_SHEETS": (Kind.FILES, N_("取了打印文件")),
    "HAND_OUT": (Kind.FILES, N_("发了表")),
    "REVOKE_RUN": (Kind.FILES, N_("作废了一批表")),
    "PRINT_CODE_SLIP": (Kind.FILES, N_("打印了注册码条")),
    "PRINT_BULLETIN": (Kind.FILES, N_("打印了通报")),
    "PRINT_CERTIFICATE": (Kind.FILES, N_("打印了身份证明")),
    "PRINT_RECEIPTS": (Kind.FILES, N_("打印了回执清单")),
    "PRINT_SLIP": (Kind.FILES, N_("打印了决定单")),
    "PRINT_STATEMENT": (Kind.FILES, N_("打印了说明")),
    "ASK_EXPORT": (Kind.FILES, N_("申请了导出")),
    "RELEASE_EXPORT": (Kind.FILES, N_("放行了导出")),
    "REFUSE_EXPORT": (Kind.FILES, N_("没有放行导出")),
    "WITHDRAW_EXPORT": (Kind.FILES, N_("撤回了导出申请")),
    "BUILD_EXPORT": (Kind.FILES, N_("开始做导出文件")),
    "EXPORT_BUILT": (Kind.FILES, N_("导出文件做好了")),
    "SHOW_EXPORT_PASSWORD": (Kind.FILES, N_("看了导出文件的密码")),
    "FETCH_EXPORT": (Kind.FILES, N_("取了导出文件")),
    "END_EXPORT": (Kind.FILES, N_("导出文件过期删除")),
    "EXPORT_FIGURES": (Kind.FILES, N_("导出了数字")),
    "EXPORT_CHECK_LIST": (Kind.FILES, N_("导出了摸底名单")),
    "EXPORT_REGISTRATION": (Kind.FILES, N_("导出了登记名单")),
    "EXPORT_ROSTER": (Kind.FILES, N_("导出了花名册")),
    "EXPORT_DRAFTS": (Kind.FILES, N_("导出了草稿")),
    "FETCH_FAULTS": (Kind.FILES, N_("取了错误清单")),
    "MAKE_CHANGE_FILE": (Kind.FILES, N_("做了更正文件")),
    "FETCH_CHANGE_FILE": (Kind.FILES, N_("取了更正文件")),
    "CHANGE_FILE_TAKEN": (Kind.FILES, N_("更正文件已导入学籍系统")),
    "DROP_CHANGE_FILE": (Kind.FILES, N_("作废了更正文件")),
    "TRACE_EXPORT": (Kind.FILES, N_("追查了一份文件")),
    "STORE_PHOTO": (Kind.SHEETS, N_("收到照片")),
    "READ_PHOTO": (Kind.SHEETS, N_("读了照片")),
    "READ_AGAIN": (Kind.SHEETS, N_("重读照片")),
    "RECOGNISE_PHOTO": (Kind.SHEETS, N_("人工看清了照片")),
    "ASSIGN_PHOTO": (Kind.SHEETS, N_("把照片归到一张表")),
    "UNDO_ASSIGN_PHOTO": (Kind.SHEETS, N_("撤回照片归属")),
    "DISMISS_PHOTO": (Kind.SHEETS, N_("照片不要")),
    "OPEN_PILE": (Kind.SHEETS, N_("开始翻拍一叠")),
    "SPLIT_SCANS": (Kind.SHEETS, N_("拆开扫描文件")),
    "ISSUE": (Kind.SHEETS, N_("发表")),
    "RECEIVE": (Kind.SHEETS, N_("收到表")),
    "CHECK": (Kind.SHEETS, N_("查过表")),
    "UNDO_CHECK": (Kind.SHEETS, N_("撤回查过")),
    "CHECK_UNCHANGED": (Kind.SHEETS, N_("一起确认没有改动的")),
    "LOOK_AT_SAMPLE": (Kind.SHEETS, N_("看了抽查的表")),
    "PASS": (Kind.SHEETS, N_("领导看过")),
    "VERIFY": (Kind.SHEETS, N_("签批了表")),
    "ENTER": (Kind.SHEETS, N_("录完一张表")),
    "TAKE_BACK": (Kind.SHEETS, N_("撤回了")),
    "SEND_BACK": (Kind.SHEETS, N_("退回了")),
    "RETURN_TO_CHECKED": (Kind.SHEETS, N_("退到查过")),
    "ARCHIVE": (Kind.SHEETS, N_("归档了一张表")),
    "ARCHIVE_CLASS": (Kind.SHEETS, N_("归档一个班")),
    "TICK_RETURNED": (Kind.SHEETS, N_("登记收回纸表")),
    "UNTICK_RETURNED": (Kind.SHEETS, N_("撤回纸表登记")),
    "SET_CAUSE": (Kind.SHEETS, N_("写了没交的原因")),
    "REMIND": (Kind.SHEETS, N_("提醒了家长")),
    "RESET_CODE": (Kind.SHEETS, N_("换了注册码")),
    "CLOSE_RECEIPTS": (Kind.SHEETS, N_("封了当天的回执")),
    "DECIDE": (Kind.SHEETS, N_("作了一个决定")),
    "UNDO_DECISION": (Kind.SHEETS, N_("撤回了决定")),
    "DECISION_LAPSED": (Kind.SHEETS, N_("决定失效了")),
    "ADD_CHANGE": (Kind.ENTRY, N_("加了一处改动")),
    "CHANGE_ACCEPTED": (Kind.ENTRY, N_("采纳了改动")),
    "CHANGE_REFUSED": (Kind.ENTRY, N_("没有采纳改动")),
    "CHANGE_NOTHING": (Kind.ENTRY, N_("看了没有改动")),
    "CHANGE_UNDONE": (Kind.ENTRY, N_("撤回录入")),
    "CHANGE_APPLIED_FOR": (Kind.ENTRY, N_("改动转为申请")),
    "MAINTAIN": (Kind.ENTRY, N_("日常维护改了资料")),
    "SIGN_OFF_CHANGES": (Kind.ENTRY, N_("签批了改动")),
    "SEND_BACK_CHANGES": (Kind.ENTRY, N_("退回了改动")),
    "DELETE_RECORD": (Kind.ENTRY, N_("删除了学籍")),
    "MOVEMENT": (Kind.ENTRY, N_("登记了变动")),
    "TAKE_BACK_MOVEMENT": (Kind.ENTRY, N_("撤回变动")),
    "FIND": (Kind.ENTRY, N_("摸底登记")),
    "FIND_REST": (Kind.ENTRY, N_("其余都算没有问题")),
    "UNDO_FIND_REST": (Kind.ENTRY, N_("撤回其余登记")),
    "FINDING_DONE": (Kind.ENTRY, N_("问题办好了")),
    "FINDING_NOT_DONE": (Kind.ENTRY, N_("问题没有办好")),
    "REPORT_CLASS": (Kind.ENTRY, N_("班里摸底报上去")),
    "REPORT_UP": (Kind.ENTRY, N_("报给上级")),
    "TAKE_BACK_REPORT": (Kind.ENTRY, N_("撤回上报")),
    "ADD_UNLISTED": (Kind.ENTRY, N_("加了名单外的学生")),
    "REMOVE_UNLISTED": (Kind.ENTRY, N_("去掉名单外的学生")),
    "UNLISTED_DONE": (Kind.ENTRY, N_("名单外的学生办好了")),
    "UNLISTED_NOT_DONE": (Kind.ENTRY, N_("名单外的学生没有办好")),
    "REGISTRATION_RESULT": (Kind.ENTRY, N_("登记结果")),
    "NO_ID_CERTIFICATE": (Kind.ENTRY, N_("无户籍证明")),
    "DRAFT": (Kind.APPLICATIONS, N_("起草申请")),
    "REDRAFT": (Kind.APPLICATIONS, N_("改了申请")),
    "SEND": (Kind.APPLICATIONS, N_("提交了申请")),
    "REFUSE": (Kind.APPLICATIONS, N_("没有同意申请")),
    "GRANT": (Kind.APPLICATIONS, N_("批准申请")),
    "WITHDRAW": (Kind.APPLICATIONS, N_("撤回了申请")),
    "CLEAR": (Kind.APPLICATIONS, N_("清掉了申请")),
    "SEND_EVIDENCE": (Kind.APPLICATIONS, N_("交了证明材料")),
    "REMOVE_EVIDENCE": (Kind.APPLICATIONS, N_("去掉了证明材料")),
    "NUMBER_TAKEN": (Kind.APPLICATIONS, N_("号码已被占用")),
    "AGREE_GUARDIAN": (Kind.FAMILIES, N_("同意了家长")),
    "REFUSE_GUARDIAN": (Kind.FAMILIES, N_("没有同意家长")),
    "CLAIM_CHILD": (Kind.FAMILIES, N_("家长注册了")),
    "WAIT_AGAIN": (Kind.FAMILIES, N_("家长重新等同意")),
    "CHECK_GROUP": (Kind.FAMILIES, N_("家长核对了一组")),
    "TAKE_BACK_CHANGE": (Kind.FAMILIES, N_("撤回改动")),
    "LEAVE_TO_PAPER": (Kind.FAMILIES, N_("以纸表为准")),
    "ASK": (Kind.FAMILIES, N_("提了问题")),
    "ADD": (Kind.FAMILIES, N_("补充问题")),
    "ANSWER": (Kind.FAMILIES, N_("回答问题")),
    "SEND_UP": (Kind.FAMILIES, N_("问题交给上级")),
    "CLOSE": (Kind.FAMILIES, N_("问题结束")),
    "LOOK_AT_ROSTER": (Kind.ROSTER, N_("上传花名册")),
    "IMPORT_ROSTER": (Kind.ROSTER, N_("导入了花名册")),
    "IMPORT_NEW": (Kind.ROSTER, N_("导入新学生")),
    "IMPORT_CHANGE": (Kind.ROSTER, N_("导入改动")),
    "IMPORT_DRAFT": (Kind.ROSTER, N_("导入草稿")),
    "DROP_DRAFTS": (Kind.ROSTER, N_("去掉草稿")),
    "MAKE_CLASS": (Kind.ROSTER, N_("建了班")),
    "MAKE_PLACE": (Kind.ROSTER, N_("建了单位")),
    "CHANGE_PLACE": (Kind.ROSTER, N_("改了单位")),
    "OPEN_ROUND": (Kind.ROSTER, N_("开始一轮核查")),
    "SET_WINDOW": (Kind.ROSTER, N_("定了窗口")),
    "UNLOCK": (Kind.ROSTER, N_("解锁学校")),
    "SHOW_DOWNLOAD_CODE": (Kind.ROSTER, N_("看了下载码")),
    "SET_SETTING": (Kind.SETTINGS, N_("改了设置")),
    "REFUSED": (Kind.ALARMS, N_("没有权限，被拒绝")),
    "REFUSE_DOWNLOAD_CODE": (Kind.ALARMS, N_("下载码不对")),
    "ALARM_CODES": (Kind.ALARMS, N_("很多人在试注册码")),
    "ANCHOR_FAILED": (Kind.ALARMS, N_("锚点没有存成")),
    "VERIFY_AUDIT": (Kind.SYSTEM, N_("核对了操作记录")),
    "ROTATE_KEYS": (Kind.SYSTEM, N_("换了密钥")),
    "SHRED_ROUND": (Kind.SYSTEM, N_("销毁了一轮的密钥")),
    "BACKUP": (Kind.SYSTEM, N_("做了备份")),
    "RESTORE": (Kind.SYSTEM, N_("恢复了备份")),
    "VERIFY_FILES": (Kind.SYSTEM, N_("核对了文件")),
}


def label_of(move: str) -> str:
    """The words of a move (a message id); one that is not known is called by its code."""
    return MOVES[move][1] if move in MOVES else move


def moves_of(kind: Kind) -> list[str]:
    """All moves of a kind."""
    return [move for move, (own, _words) in MOVES.items() if own == kind]
