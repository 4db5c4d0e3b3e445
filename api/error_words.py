"""The words of errors in both languages: by status, of schemas, and for codes in sentences."""

import re
from typing import Any

from shared.i18n import LANGUAGES, Text
from tasks import CREW_WORDS, STANDARD_KINDS, kind_name

BY_STATUS: dict[int, Text] = {
    400: Text("The request cannot be read: is it JSON?", "请求无法解析，请检查是否为有效 JSON。"),
    404: Text("There is nothing at this address.", "该地址不存在。"),
    405: Text("This address does not take {method}.", "该地址不支持 {method}。"),
    413: Text("The body is larger than {limit} bytes.", "请求体超过 {limit} 字节。"),
    415: Text("Please send application/json.", "请使用 application/json。"),
    422: Text("Some values cannot be used; see errors.", "部分内容无效，详见 errors。"),
    429: Text("Too many tries. Please wait.", "操作过于频繁，请稍后再试。"),
    500: Text("Something broke on our side. It has been noted.", "服务器出错，已记录。"),
    503: Text("Please try again in a moment.", "服务暂时不可用，请稍后重试。"),
}
ANY_STATUS = Text("The request cannot be answered as it is.", "无法处理该请求。")

# marshmallow and webargs write English only; these are their sentences that callers can meet.
# Bounds may be moments, which hold blanks.
_OF_SCHEMAS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern, re.DOTALL), chinese)
    for pattern, chinese in [
        (r"Missing data for required field\.", "缺少必填项。"),
        (r"Invalid JSON body\.", "请求体不是有效的 JSON。"),
        (r"Unknown field\.", "未知字段。"),
        (r"Field may not be null\.", "不能为空。"),
        (r"Not a valid (integer|number|float)\.", "不是有效的数字。"),
        (r"Not a valid (utf-8 )?string\.", "不是有效的文本。"),
        (r"Not a valid boolean\.", "不是有效的布尔值。"),
        (r"Not a valid (datetime|date)\.", "不是有效的时间。"),
        (r"Not a valid aware datetime\.", "时间须带时区。"),
        (r"Not a valid (list|tuple)\.", "不是有效的列表。"),
        (r"Not a valid mapping type\.", "不是有效的对象。"),
        (r"Invalid (input )?type\.", "类型无效。"),
        (r"Special numeric values .*", "不允许 NaN 或无穷大。"),
        (r"Number too large\.", "数字过大。"),
        (r"Must be one of: (.*)\.", r"必须是以下之一：\1。"),
        (r"Must be equal to (.*)\.", r"必须等于 \1。"),
        (r"Must not be (.*)\.", r"不得为 \1。"),
        (
            r"Must be greater than or equal to (.+) and less than or equal to (.+)\.",
            r"须在 \1 与 \2 之间。",
        ),
        (r"Must be greater than or equal to (.+)\.", r"不得小于 \1。"),
        (r"Must be less than or equal to (.+)\.", r"不得大于 \1。"),
        (r"Must be greater than (.+)\.", r"须大于 \1。"),
        (r"Must be less than (.+)\.", r"须小于 \1。"),
        (r"Shorter than minimum length (\d+)\.", r"长度不得少于 \1。"),
        (r"Longer than maximum length (\d+)\.", r"长度不得超过 \1。"),
        (r"Length must be between (\d+) and (\d+)\.", r"长度须在 \1 与 \2 之间。"),
        (r"Length must be (\d+)\.", r"长度必须为 \1。"),
        (r"String does not match expected pattern\.", "格式不正确。"),
    ]
]
_ANY_FIELD = "该内容无效。"

_STATES = {
    "draft": Text("a draft", "草稿"),
    "approved": Text("approved", "已审批"),
    "published": Text("published", "已发布"),
    "closed": Text("closed", "已结束"),
    "cancelled": Text("cancelled", "已取消"),
    "waiting": Text("on the waiting list", "候补中"),
    "claimed": Text("claimed", "已领取"),
    "started": Text("started", "进行中"),
    "finished": Text("finished", "已完成，待核验"),
    "in_review": Text("in review", "待人工复核"),
    "verified": Text("verified", "已通过核验"),
    "refused": Text("refused", "未通过核验"),
    "appealed": Text("appealed against", "申诉中"),
    "given_up": Text("given up", "已放弃"),
    "lapsed": Text("lapsed", "已失效"),
    "withdrawn": Text("withdrawn", "已撤回"),
    "offered": Text("on offer", "可兑换"),
    "issued": Text("issued", "待兑换"),
    "redeemed": Text("handed over", "已兑换"),
    "expired": Text("expired", "已过期"),
    "delivering": Text("being delivered", "充值办理中"),
    "refunded": Text("refunded", "已退货"),
    "asked": Text("waiting for an answer", "待答复"),
    "accepted": Text("accepted", "已接受"),
    "declined": Text("declined", "已谢绝"),
    "unanswered": Text("left without an answer", "逾期未答复"),
}
# Of a point's statement and its lines: `closed` there awaits the point.
_STATEMENT_STATES = {
    "closed": Text("awaiting the point's confirmation", "待兑换点确认"),
    "confirmed": Text("confirmed", "已确认，待结算"),
    "settled": Text("settled", "已结算，待付款"),
    "paid": Text("paid", "已付款"),
}
_LINE_STATES = {
    "plain": Text("not disputed", "无异议"),
    "disputed": Text("disputed", "有异议，待裁定"),
    "accepted": Text("decided for the point", "异议成立"),
    "rejected": Text("decided against the point", "异议不成立"),
    "refunded": Text("brought back", "已退货"),
}
_ROLES = {
    "resident": Text("residents", "居民"),
    "captain": Text("captains", "队长"),
    "grid_member": Text("grid members", "网格员"),
    "police_officer": Text("police officers", "民警"),
    "auxiliary": Text("auxiliaries", "辅警"),
    "centre_officer": Text("officers of a centre", "综治中心工作人员"),
    "department_handler": Text("handlers of a department", "部门经办人"),
    "clerk": Text("clerks", "兑换点店员"),
    "rate_admin": Text("rate admins", "积分标准管理员"),
    "auditor": Text("auditors", "审计员"),
    "ombudsman": Text("ombudsmen", "监督员"),
    "admin": Text("admins", "管理员"),
}
_KINDS = {
    "city": Text("city", "市"),
    "civil": Text("civil", "行政区划"),
    "police": Text("police", "公安"),
    "department": Text("department", "部门"),
    "school": Text("school", "学校"),
    "association": Text("association", "协会"),
    "shop_group": Text("shop group", "商户联盟"),
    "redemption_point": Text("redemption point", "兑换点"),
}

# Kinds of task are data, and any of them may be another city's.
_KINDS |= {
    kind_id: Text(kind["name"]["en"].lower(), kind["name"]["zh"])
    for kind_id, kind in STANDARD_KINDS.items()
}
# Whom a task asks for: holders of a role, members of a crew, kinds of helper.
_WANTED = dict(CREW_WORDS) | _ROLES
_CERTIFICATES = {
    "safety_basics": Text("safety basics", "安全基础培训"),
    "drill": Text("drill", "应急演练"),
}
_DELIVERIES = {
    "waiting": Text("not sent yet", "待发送"),
    "sent": Text("with the provider", "供应商办理中"),
    "delivered": Text("delivered", "充值成功"),
    "refunded": Text("coins given back", "未充值，福币已退还"),
    "called_off": Text("called off", "已撤销"),
}
_HOLDS = {
    "active": Text("still held", "冻结中"),
    "settled": Text("paid", "已结算"),
    "released": Text("released", "已解冻"),
    "overdue": Text("its time is over", "已超期"),
}
_OUTCOMES = {
    "delivered": Text("delivered", "充值成功"),
    "refused": Text("refused", "未办理"),
}
# The facts of refusals that are codes; `wanted` may be several, and words of people's own.
_CODES = {
    "statement_state": _STATEMENT_STATES,
    "line_state": _LINE_STATES,
    "state": _STATES,
    "kind": _KINDS,
    "wanted": _WANTED,
    "certificates": _CERTIFICATES,
}
_CODES |= {"delivery": _DELIVERIES, "hold": _HOLDS, "outcome": _OUTCOMES}


def field_sentence(sentence: str, language: str) -> str:
    """What a schema says of a field, in `language`; never English to who reads Chinese."""
    if language == "en":
        return sentence
    for pattern, chinese in _OF_SCHEMAS:
        found = pattern.fullmatch(sentence)
        if found:
            return found.expand(chinese)
    return _ANY_FIELD


def spoken(facts: dict[str, Any], language: str) -> dict[str, Any]:
    """The facts of a refusal as its sentence says them: codes as words of `language`.

    A fact in both languages, as names that are data have, is said in the one.
    """
    return {
        name: _in_words(name, str(value), language) if name in _CODES else _one_of(value, language)
        for name, value in facts.items()
    }


def _one_of(value: Any, language: str) -> Any:
    is_both = isinstance(value, dict) and set(value) == set(LANGUAGES)
    return value[language] if is_both else value


def _in_words(fact: str, codes: str, language: str) -> str:
    said = [_word(fact, code, language) for code in codes.split(", ")]
    return (", " if language == "en" else "、").join(said)


def _word(fact: str, code: str, language: str) -> str:
    if code in _CODES[fact]:
        return _CODES[fact][code].say(language)
    # A kind that the city added itself: its name is data.
    name = kind_name(code) if fact == "kind" else None
    return (name.en if language == "en" else name.zh) if name else code
