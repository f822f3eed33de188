"""Every problem that the rules can report: its severity and its Chinese words.

A code is the mark of the rule, with a suffix where one rule can fail in several ways; T marks are our own rules for
text. `%(item)s` is the name of the item, `%(found)s` what was there; a placeholder that is itself the code of an item
(`%(sex)s`) is shown as that item is printed, in the reader's language.
"""

from portal.rules.words import N_

ERROR = "error"
WARNING = "warning"

IDENTITY = {
    "R1": (ERROR, N_("居民身份证号要 18 位，这里有 %(count)s 位。")),
    "R1.sign": (ERROR, N_("居民身份证号只能是数字，最后一位还可以是 X，这里有“%(found)s”。")),
    "R2": (ERROR, N_("身份证号最后一位和前 17 位对不上，可能抄错了一位，照证件再看一遍。")),
    "R3": (ERROR, N_("%(item)s中间不能有空格和符号，去掉再填。")),
    "R4": (ERROR, N_("身份证号开头 %(found)s 不是任何县区的代码，照证件再看一遍。")),
    "R5": (ERROR, N_("身份证号第 7 到 14 位是出生日期，%(found)s 这一天不存在。")),
    "R5.future": (ERROR, N_("身份证号里的出生日期 %(found)s 还没有到。")),
    "R6": (ERROR, N_("出生日期填的是 %(birth_date)s，身份证号里是 %(wanted)s，两处要一样。")),
    "R7": (ERROR, N_("性别填的是%(sex)s，和身份证号倒数第二位对不上：单数是男，双数是女。")),
    "R8": (ERROR, N_("这是 15 位的老号码，要填新身份证上的 18 位号码。")),
    "R9": (ERROR, N_("%(item)s要从 7 种里选，没有“%(found)s”这一种。")),
    "R10": (ERROR, N_("证件类型是%(id_doc_type)s，要填证件号；没有证件号的，类型选“其他”。")),
    "R11.guardian": (ERROR, N_("孩子没有证件号，至少要填一位家庭成员的证件号。")),
    "R11.certificate": (ERROR, N_("孩子没有证件号，要先交“无身份证号在校就读证明”。")),
    "R12": (ERROR, N_("这种证件的号码是 5 到 20 位大写字母和数字，这里是“%(found)s”。")),
    "R13": (WARNING, N_("证件是%(id_doc_type)s，港澳台侨外一般不会是“%(hmt_overseas)s”，请核对。")),
    "R14": (ERROR, N_("有居民身份证的，港澳台侨外要选“否”，这里是“%(hmt_overseas)s”。")),
    "R15": (ERROR, N_("国籍要选国家或地区的名称，或填三个字母的代码，例如 CHN，这里是“%(found)s”。")),
    "R15.china": (ERROR, N_("有居民身份证的，国籍是中国，这里是%(nationality)s。")),
    "R16": (ERROR, N_("%(item)s只能是汉字，中间可以有“·”，不能有空格、数字和字母，这里有“%(found)s”。")),
    "R16.blank": (ERROR, N_("%(item)s中间不能有空格。")),
    "R16.long": (ERROR, N_("%(item)s最多 %(limit)s 个字，这里有 %(count)s 个。")),
    "R16.member": (ERROR, N_("%(item)s照证件上的写，不能有数字和符号，这里有“%(found)s”。")),
    "R17": (ERROR, N_("性别只能是男或女，这里是“%(found)s”。")),
    "R18": (ERROR, N_("民族要写全称，例如汉族、回族，没有“%(found)s”这一项。")),
}

NUMBER = {
    "R19": (ERROR, N_("学籍号是 1 个字母（G、J 或 L）加 18 位，一共 19 位，这里有 %(count)s 位。")),
    "R19.letter": (ERROR, N_("学籍号第一位是 G、J 或 L，后面是数字，最后一位还可以是 X，这里是“%(found)s”。")),
    "R20": (ERROR, N_("G 后面应是有效的居民身份证号，这个号码核对不过，可能抄错了。")),
    "R20.differs": (ERROR, N_("学籍号里的身份证号和现在的身份证号不一样，也没有关键数据变更的记录。")),
    "R21": (ERROR, N_("J 开头的学籍号最后一位和前面对不上，可能抄错了一位。")),
    "R21.date": (ERROR, N_("J 开头的学籍号中间是出生日期，%(found)s 这一天不存在。")),
    "R21.type": (ERROR, N_("J 开头的学籍号只给没有居民身份证号的孩子，这里的证件是居民身份证。")),
    "R22": (ERROR, N_("L 后面要有 18 位数字，这里有 %(count)s 位。")),
    "R22.date": (ERROR, N_("L 开头的学籍号中间是出生日期，%(found)s 这一天不存在。")),
    "R23.check": (ERROR, N_("身份核对还没有通过，先不发正式学籍号。")),
    "R23.problem": (ERROR, N_("还有问题学籍没有处理完，先不发正式学籍号。")),
    "R23.transfer": (ERROR, N_("跨省转学还没有办完，先不发正式学籍号。")),
    "R24": (ERROR, N_("这个学籍号已经是别人的，一个号码只能给一个孩子。")),
}

DATES_PLACES = {
    "R26": (ERROR, N_("%(item)s要写 8 位数字，例如 20140312，这里是“%(found)s”。")),
    "R26.real": (ERROR, N_("%(item)s里的 %(found)s 这一天不存在。")),
    "R26.future": (ERROR, N_("%(item)s %(found)s 还没有到。")),
    "R27": (ERROR, N_("%(item)s要写 6 位数字，年 4 位、月 2 位，例如 202009，这里是“%(found)s”。")),
    "R27.month": (ERROR, N_("%(item)s里的月份是 01 到 12，这里是 %(found)s。")),
    "R28": (WARNING, N_("入学一般是 9 月，这里是 %(found)s 月，请核对。")),
    "R29": (ERROR, N_("证件有效期写起止两天，例如 20200101-20250101，这里是“%(found)s”。")),
    "R29.order": (ERROR, N_("证件有效期的开始要早于结束，这里是 %(found)s。")),
    "R30": (ERROR, N_("%(item)s要 12 位数字：县区代码 6 位加 6 个 0，这里是“%(found)s”。")),
    "R31": (ERROR, N_("%(item)s最后 6 位要全是 0，这里是 %(found)s。")),
    "R32": (ERROR, N_("%(item)s开头 %(found)s 不是任何县区的代码。")),
    "R32.old": (WARNING, N_("%(item)s用的是已撤销的%(place)s，请换成现在的县区。")),
    "R33.prefecture": (WARNING, N_("%(item)s只到%(place)s，最好选到县区。")),
    "R33.province": (ERROR, N_("%(item)s只到%(place)s，要选到县区。")),
    "R34": (ERROR, N_("学校标识码要 10 位数字，这里是“%(found)s”。")),
    "R34.category": (ERROR, N_("学校标识码开头 2 位是学校类别，没有 %(found)s 这一类。")),
    "R34.province": (ERROR, N_("学校标识码第 3、4 位是省份，没有 %(found)s 这个省份。")),
    "R35": (ERROR, N_("这一行是别的学校（%(found)s），只能导入本校（%(wanted)s）的学生。")),
}

STUDY = {
    "R36": (ERROR, N_("班号要 7 位数字：入学年份 4 位、学段 1 位、班 2 位，这里是“%(found)s”。")),
    "R36.stage": (ERROR, N_("班号第 5 位是学段，1 小学、2 初中、3 高中，这里是 %(found)s。")),
    "R36.class": (ERROR, N_("班号最后两位是第几班，从 01 到 99，这里是 %(found)s。")),
    "R37": (ERROR, N_("班号开头是 %(found)s 年，入学年月是 %(wanted)s 年，两处要一样。")),
    "R38": (WARNING, N_("班号 %(found)s 的第 5 位是年级，已改成学段：%(class_no)s。")),
    "R38.grade": (ERROR, N_("班号第 5 位写了 %(found)s 年级，按入学年份现在应是 %(wanted)s 年级。")),
    "R39": (ERROR, N_("教育阶段是%(school_stage)s，班号第 5 位应是 %(wanted)s，这里是 %(found)s。")),
    "R39.school": (ERROR, N_("这所学校没有%(school_stage)s阶段。")),
    "R40": (WARNING, N_("按入学年月应读 %(wanted)s 年级，这里是%(grade)s，也没有留级或跳级的记录。")),
    "R40.form": (ERROR, N_("年级写学段加年级，例如小学五年级，这里是“%(found)s”。")),
    "R40.stage": (ERROR, N_("教育阶段是%(school_stage)s，年级却是%(grade)s，两处要一致。")),
    "R41": (ERROR, N_("%(school_stage)s的入学方式不能是“%(enrolment_way)s”。")),
    "R42": (WARNING, N_("转入的学生，入学方式一般选“义务教育阶段其他”。")),
    "R43": (ERROR, N_("就读方式选走读或住校，这里是“%(found)s”。")),
    "R44.day": (ERROR, N_("走读的学生不享受一补，要选“否”。")),
    "R44.senior": (ERROR, N_("高中学生不享受一补，要选“否”。")),
    "R45": (ERROR, N_("本省要求高中学生填学籍辅号，这里是空的。")),
    "R45.sign": (ERROR, N_("学籍辅号只能是字母和数字，这里是“%(found)s”。")),
    "R46": (ERROR, N_("班内学号只能是数字，这里是“%(found)s”。")),
    "R46.twice": (ERROR, N_("班内学号 %(found)s 在这个班里用了两次。")),
}

PERSONAL = {
    "R47": (ERROR, N_("没有“%(found)s”这种政治面貌。")),
    "R47.primary": (WARNING, N_("小学生的政治面貌一般是群众，这里是%(political_status)s。")),
    "R47.age": (WARNING, N_("%(age)s 岁的孩子不应是%(political_status)s，请核对。")),
    "R48.type": (ERROR, N_("健康状况是残疾，要选哪一种残疾。")),
    "R48.certificate": (ERROR, N_("健康状况是残疾，要先交残疾证。")),
    "R49": (ERROR, N_("残疾类型是%(disability_type)s，随班就读不能选“%(inclusive_education)s”。")),
    "R50": (ERROR, N_("没有“%(found)s”这种户口性质。")),
    "R51.type": (ERROR, N_("户口性质要填；孩子没有户口的，填父母的，父母也没有的填祖父母的。")),
    "R51.place": (ERROR, N_("户口所在地要填；孩子没有户口的，填父母的，父母也没有的填祖父母的。")),
    "R52": (ERROR, N_("%(item)s要选是或否，这里是“%(found)s”。")),
    "R53": (ERROR, N_("%(item)s选了“是”，要先交认定部门的证明。")),
    "R54": (ERROR, N_("是否留守儿童要从三项里选，没有“%(found)s”这一项。")),
    "R54.both": (WARNING, N_("留守儿童和随迁子女一般不会同时选，请核对。")),
    "R55": (WARNING, N_("随迁子女的户口一般不在学校所在的县区，请核对。")),
    "R55.place": (WARNING, N_("选了随迁子女，还没有填户口所在地，没法核对。")),
    "R56": (WARNING, N_("第一次采集时%(item)s一般选“否”，请核对。")),
    "R57": (ERROR, N_("选了独生子女，本省要求先交独生子女证。")),
}

CONTACT = {
    "R58": (ERROR, N_("%(item)s要填；和现住址一样的，照抄一遍。")),
    "R59": (WARNING, N_("%(item)s有 %(count)s 个字，超过 26 个字，打印时字会变小。")),
    "R59.long": (ERROR, N_("%(item)s最多 180 个字，这里有 %(count)s 个。")),
    "R59.line": (ERROR, N_("%(item)s要写在一行里，不能换行。")),
    "R60": (ERROR, N_("%(item)s要写 11 位手机号，或带区号的座机号，例如 010-00000000，这里是“%(found)s”。")),
    "R60.mobile": (ERROR, N_("手机号要 11 位，这里有 %(count)s 位。")),
    "R60.area": (ERROR, N_("座机号前面要加区号，例如 010-%(found)s。")),
    "R61": (ERROR, N_("邮政编码要 6 位，这里只有 %(count)s 位。")),
    "R61.long": (ERROR, N_("邮政编码要 6 位，这里有 %(count)s 位。")),
    "R61.sign": (ERROR, N_("邮政编码只能是数字，这里是“%(found)s”。")),
    "R62": (ERROR, N_("电子信箱要像 a@example.org 这样，这里是“%(found)s”。")),
    "R62.web": (ERROR, N_("主页地址要以 http:// 或 https:// 开头，这里是“%(found)s”。")),
    "R63": (ERROR, N_("上下学距离写公里数，例如 1.5，最多一位小数，这里是“%(found)s”。")),
    "R63.range": (ERROR, N_("上下学距离在 0 到 200 公里之间，这里是 %(found)s。")),
    "R64": (ERROR, N_("没有“%(found)s”这种上下学交通方式。")),
    "R64.bus": (WARNING, N_("上下学坐校车，“是否需要乘坐校车”一般选“是”，请核对。")),
}

FAMILY = {
    "R65": (ERROR, N_("第一位家庭成员一定要填。")),
    "R65.second": (ERROR, N_("要填两位家庭成员；只有一位的，在成员2关系说明里写原因，例如单亲。")),
    "R66": (ERROR, N_("两位家庭成员里，至少一位要是监护人。")),
    "R67": (ERROR, N_("%(item)s要从选项里选，例如父亲、母亲，没有“%(found)s”这一项。")),
    "R68": (ERROR, N_("关系选了“%(relation)s”，要说明是什么关系。")),
    "R69": (ERROR, N_("这位家庭成员选了证件类型，就要填证件号；没有的，类型选“其他”。")),
    "R71": (ERROR, N_("两位家庭成员的证件号一样，要填两个不同的人。")),
    "R71.person": (ERROR, N_("两位家庭成员的姓名和关系一样，要填两个不同的人。")),
    "R72": (WARNING, N_("家庭成员先填父母；填别人的，在关系说明里写原因。")),
    "R73": (WARNING, N_("监护人一般满 18 岁，按证件号这位是 %(age)s 岁，请核对。")),
    "R73.parent": (WARNING, N_("按证件号，这位家长只比孩子大 %(age)s 岁，请核对。")),
    "R74": (ERROR, N_("%(item)s要填，学校要能找到家里人。")),
}

FILES = {
    "R75": (ERROR, N_("这个孩子在文件里有两行：第 %(first)s 行和第 %(second)s 行，只留一行。")),
    "R76": (ERROR, N_("%(item)s要填，这里是空的。")),
    "R77": (ERROR, N_("%(item)s要从选项里选，没有“%(found)s”这一项。")),
    "R78": (ERROR, N_("%(item)s被表格软件当成了数字，可能已经少了几位。把这一列设成文本，再照原件填一遍。")),
    "R79": (WARNING, N_("%(grade)s的孩子 %(age)s 岁，比一般的年龄差得多，请核对。")),
    "R81": (ERROR, N_("材料只收 JPG、DOC 和 RAR 文件，这是 %(found)s 文件。")),
    "R81.none": (ERROR, N_("材料只收 JPG、DOC 和 RAR 文件，这个文件名没有扩展名。")),
    "R81.wide": (ERROR, N_("材料收照片（JPG、PNG、HEIC）、PDF、DOC、DOCX 和 RAR，这是 %(found)s 文件。")),
    "R81.none.wide": (ERROR, N_("材料收照片、PDF、DOC、DOCX 和 RAR，这个文件名没有扩展名。")),
    "R82": (ERROR, N_("文件超过 2 MB。请分成几份，或者另存得小一点再传。")),
    "R82.empty": (ERROR, N_("这个文件是空的。请重新选。")),
    "R82.photo": (ERROR, N_("照片超过 20 MB。请用手机直接拍一张再传。")),
    "R83": (ERROR, N_("还没有证明材料，至少要一份。")),
    "R84": (ERROR, N_("文件的内容和扩展名对不上，可能选错了。请打开看一眼，重新选。")),
    "T1": (ERROR, N_("%(item)s最多 %(limit)s 个字，这里有 %(count)s 个。")),
    "T2": (ERROR, N_("%(item)s里有看不见的字符，删掉再填一遍。")),
    "T3.sign": (ERROR, N_("确认表编号里没有“%(found)s”这个字，照着再填一遍。")),
    "T3.count": (ERROR, N_("确认表编号要 7 位，这里有 %(count)s 位。")),
    "T3.check": (ERROR, N_("确认表编号有一位抄错了，照着再填一遍。")),
    "T4.sign": (ERROR, N_("回执号里没有“%(found)s”这个字，照着再填一遍。")),
    "T4.count": (ERROR, N_("回执号要 8 位，这里有 %(count)s 位。")),
    "T4.check": (ERROR, N_("回执号有一位抄错了，照着再填一遍。")),
    "T5": (ERROR, N_("姓名拼音只能是字母和空格，这里有“%(found)s”。")),
}

ROSTER = {
    "T6.formula": (ERROR, N_("这一格是公式。在表格软件里复制这一列，再“只粘贴值”。")),
    "T6.fault": (ERROR, N_("这一格是表格软件的出错值，例如 #N/A，照原件重新填。")),
    "T7.elsewhere": (ERROR, N_("这个孩子在别的学校还有学籍，不能导入。先请原学校办转出，有疑问找主管教育局。")),
    "T7.number": (ERROR, N_("这个证件号在本校已经有学籍，学籍号却和这里的不一样，照学籍系统核对。")),
    "T7.kept": (WARNING, N_("表里还是改之前的“%(found)s”。今年在这里已经改了，学籍系统还没有取走，不会改回去。")),
    "T8": (WARNING, N_("班级写的是“%(found)s”，按班号 %(class_no)s 导入。")),
    "T9": (WARNING, N_("%(item)s上一轮改过，或者有过争议，请再核对一遍。")),
}

ROUND = {
    "R97": (ERROR, N_("下载码不对，或已经换过。请在另一处登录，照最新的下载码填。")),
    "R97.check": (ERROR, N_("下载码有一位抄错了，照着再填一遍。")),
    "R97.count": (ERROR, N_("下载码要 9 位，这里有 %(count)s 位。")),
    "R97.sign": (ERROR, N_("下载码里没有“%(found)s”这个字，照着再填一遍。")),
    "R97.kind": (ERROR, N_("下载码以 D 开头，照着再填一遍。")),
    "R97.other": (ERROR, N_("这是家长用的注册码，这里要填学校的下载码，以 D 开头。")),
    "R98": (ERROR, N_("第一次登录，先改密码。")),
    "R98.same": (ERROR, N_("新密码不能和原来的一样。")),
    "R98.short": (ERROR, N_("密码至少 %(limit)s 位，这里有 %(count)s 位。")),
    "R98.long": (ERROR, N_("密码最多 128 位，这里有 %(count)s 位。")),
    "R98.common": (ERROR, N_("这个密码太常见，换一个别人猜不到的。")),
    "R98.own": (ERROR, N_("密码里不要有自己的姓名、账号、电话和学校名。")),
    "R99": (ERROR, N_("注册码不对，或已经换过。请看确认表第 2 页，或问班主任。")),
    "R99.check": (ERROR, N_("注册码有一位抄错了，照确认表第 2 页再填一遍。")),
    "R99.count": (ERROR, N_("注册码要 16 位，这里有 %(count)s 位。")),
    "R99.sign": (ERROR, N_("注册码里没有“%(found)s”这个字，照着再填一遍。")),
    "R99.kind": (ERROR, N_("注册码以 R 开头，照确认表第 2 页再填一遍。")),
    "R99.other": (ERROR, N_("这是学校的下载码，这里要填确认表第 2 页上的注册码，以 R 开头。")),
    "R100": (ERROR, N_("这个核查账号已经有 %(limit)s 个人在用，等一个人退出再登录。")),
    "R101.early": (ERROR, N_("录入的时间还没有到，核查账号到时候才能登录。")),
    "R101": (ERROR, N_("核查时间已过，核查账号不能再登录和保存。")),
    "R103": (ERROR, N_("%(item)s是关键数据，不能直接改，要走关键数据变更申请。")),
    "R106.status": (ERROR, N_("学籍状态是%(student_status)s，不在本轮核查里。")),
    "R106.business": (ERROR, N_("还有学籍业务没有办完，不在本轮核查里。")),
    "R107": (ERROR, N_("业务在截止日 %(cutoff)s 之后才办完，放到下一轮核查。")),
    "R109.returned": (WARNING, N_("收回 %(found)s 份，比下发的 %(wanted)s 份还多，请核对。")),
    "R109.entered": (WARNING, N_("录入 %(found)s 份，比收回的 %(wanted)s 份还多，请核对。")),
}

PROBLEMS: dict[str, tuple[str, str]] = (
    IDENTITY | NUMBER | DATES_PLACES | STUDY | PERSONAL | CONTACT | FAMILY | FILES | ROSTER | ROUND
)
"""Severity and Chinese text of every problem code."""
