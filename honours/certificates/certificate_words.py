"""The words of certificates of service, printed and proven, in both languages. Pure."""

from shared.i18n import Text

PROGRAMME = Text("Fuxun · volunteers for a safe city", "福巡 · 群防群治志愿服务")
TITLE = Text("Certificate of Volunteer Service", "志愿服务证明")
CERTIFIES = Text("This is to certify that", "兹证明")
DID = Text(
    "did verified volunteer work for the safety of the neighbourhood from {since} to {until}:",
    "于 {since} 至 {until} 期间参加群防群治志愿服务，经核验累计：",
)
DID_OF_KINDS = Text(
    "did verified volunteer work of the kinds listed below from {since} to {until}:",
    "于 {since} 至 {until} 期间参加以下类型的群防群治志愿服务，经核验累计：",
)
HOURS = Text("hours", "小时")
TIMES = Text("participations", "次")
KILOMETRES = Text("kilometres", "公里")
KIND = Text("Kind of service", "服务类型")
TIMES_HEAD = Text("Participations", "次数")
HOURS_HEAD = Text("Hours", "小时")
KILOMETRES_HEAD = Text("Kilometres", "公里")
ALL = Text("Altogether", "合计")
NUMBER = Text("Number", "证明编号")
NAME_KEY = Text("Name key", "姓名校验码")
ISSUED_AT = Text("Issued", "出具时间")
KEY = Text("Signed by the key", "签名密钥")
HOW_TO_CHECK = Text(
    "Scan the code, or open the address below, to see whether this certificate is genuine and "
    "still stands. It is signed (Ed25519); the paper itself proves nothing.",
    "扫描二维码或访问下方网址，可核验本证明的真伪及当前效力。本证明采用 Ed25519 数字签名，"
    "纸面内容以核验结果为准。",
)
COUNTED = Text(
    "Only verified work is counted, not the hours on duty of a paid post. Each figure is cut to "
    "one decimal, so that the lines can add up to a little less than the whole.",
    "仅统计已核验的服务，带薪执勤时长不计入。各项数据分别保留一位小数（不进位），"
    "故分项之和可能略小于合计。",
)
NOT_VALID = {
    "no_longer_agrees": Text("No longer valid", "已失效"),
    "revoked": Text("Revoked", "已撤销"),
    "unproven": Text("Not proven", "无法证实"),
}

PROOF_TITLE = Text("Verification of a certificate", "证明核验")
STANDINGS = {
    "genuine": Text("Genuine", "真实有效"),
    "no_longer_agrees": Text("No longer agrees", "内容已与记录不符"),
    "revoked": Text("Revoked", "已撤销"),
    "unproven": Text("Not proven", "无法证实"),
    "unknown": Text("Not found", "未找到"),
}
EXPLAINED = {
    "genuine": Text(
        "The signature is ours, and all the work certified is verified today.",
        "签名有效，所证明的服务目前均处于已核验状态。",
    ),
    "no_longer_agrees": Text(
        "The signature is ours, but some of the work certified was withdrawn since.",
        "签名有效，但所证明的部分服务此后已被撤回。",
    ),
    "revoked": Text(
        "This certificate was issued here and was revoked since.",
        "本证明由本平台出具，现已撤销。",
    ),
    "unproven": Text(
        "A record of this number is here, but its signature cannot be confirmed.",
        "存在该编号的记录，但无法确认其签名。",
    ),
    "unknown": Text(
        "No certificate of this number was issued here. Compare it letter by letter.",
        "本平台未出具过该编号的证明，请逐位核对。",
    ),
}
HOLDER = Text("Holder", "持有人")
SPAN = Text("Days", "服务期间")
SPAN_SAID = Text("{since} to {until}", "{since} 至 {until}")
ISSUER = Text("City", "出具城市")
REVOKED_AT = Text("Revoked", "撤销时间")
CERTIFIED = Text("Certified", "证明内容")
STANDS_NOW = Text("What stands now", "目前仍有效的服务")
COMPARE = Text(
    "Compare days and figures with the paper in your hand, and check the whole name below: many "
    "names look the same in part.",
    "请将期间及数据与纸质证明逐项比对，并在下方核对全名：部分显示的姓名可能与他人相同。",
)
NOT_COMPARED = Text("not yet compared with the whole name", "尚未核对全名")
CHECK_NAME = Text("Check the whole name", "核对全名")
NAME_ON_PAPER = Text("Name on the paper", "纸面姓名")
NAME_FITS = Text(
    "The name and the name key you typed are those of this certificate.",
    "您输入的姓名和校验码与本证明一致。",
)
NAME_DIFFERS = Text(
    "This name, with this name key, is not the one that was certified. Compare both letter by "
    "letter; if they stand so on the paper, it is not genuine.",
    "您输入的姓名和校验码与本证明不符，请逐字核对；如与纸面一致，则该纸质证明不真实。",
)
