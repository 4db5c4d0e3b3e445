"""The words on a statement's sheet in both languages. Pure."""

from catalog.settlement.point_statement import StatementState
from catalog.settlement.statement_line import LineKind, LineState
from shared.i18n import Text

TITLE = Text("Redemption point statement", "兑换点结算单")
PROGRAMME = Text("Fuxun volunteer-safety programme", "福巡群防群治志愿服务")
STOCK_TITLE = Text("Stock on that day", "当日库存")
LINES_TITLE = Text("Hand-overs", "兑换明细")

STATES: dict[StatementState, Text] = {
    StatementState.CLOSED: Text("awaiting confirmation", "待兑换点确认"),
    StatementState.CONFIRMED: Text("confirmed, to be settled", "已确认，待结算"),
    StatementState.SETTLED: Text("settled, to be paid", "已结算，待付款"),
    StatementState.PAID: Text("paid", "已付款"),
}
KINDS: dict[LineKind, Text] = {
    LineKind.HAND_OVER: Text("redeemed", "兑换"),
    LineKind.AWARD: Text("award in kind", "实物奖励"),
    LineKind.DELIVERY: Text("delivery", "充值交付"),
    LineKind.OPENING: Text("ticket opened", "票券领取"),
    LineKind.OFFLINE: Text("handed over offline", "离线兑换"),
}
LINE_STATES: dict[LineState, Text] = {
    LineState.PLAIN: Text("", ""),
    LineState.DISPUTED: Text("disputed", "有异议"),
    LineState.ACCEPTED: Text("claim accepted", "异议成立"),
    LineState.REJECTED: Text("claim rejected", "异议不成立"),
    LineState.REFUNDED: Text("brought back", "已退货"),
}
COLUMNS: dict[str, Text] = {
    "number": Text("No.", "序号"),
    "handed_over_at": Text("Time", "时间"),
    "title": Text("Reward", "奖品"),
    "kind": Text("Kind", "类别"),
    "voucher": Text("Voucher", "兑换券"),
    "coins": Text("Fu coins", "福币"),
    "coin_value": Text("¥ per 10,000", "万币价值（元）"),
    "worth": Text("Amount (¥)", "金额（元）"),
    "remark": Text("Remarks", "备注"),
}
STOCK_COLUMNS: dict[str, Text] = {
    "title": Text("Reward", "奖品"),
    "opening": Text("Opening", "期初"),
    "handed_over": Text("Handed over", "兑出"),
    "returned": Text("Brought back", "退货"),
    "restocked": Text("Back on the shelf", "退回上架"),
    "closing": Text("Closing", "期末"),
}
FACTS: dict[str, Text] = {
    "statement": Text("Statement", "结算单号"),
    "point": Text("Redemption point", "兑换点"),
    "address": Text("Address", "地址"),
    "day": Text("Day", "结算日"),
    "state": Text("State", "状态"),
    "closed_at": Text("Made", "生成时间"),
    "confirmed_at": Text("Confirmed", "确认时间"),
    "settled_at": Text("Settled", "结算时间"),
    "paid_at": Text("Paid", "付款时间"),
    "reference": Text("Transfer", "付款流水号"),
}
BY_SILENCE = Text("{at} (no objection within 7 days)", "{at}（7 日内未提出异议，视同确认）")
SUMS: dict[str, Text] = {
    "lines": Text("Lines", "行数"),
    "coins": Text("Fu coins", "福币合计"),
    "coin_fen": Text("For Fu coins (¥)", "福币折合（元）"),
    "in_kind_fen": Text("Awards in kind (¥)", "实物奖励（元）"),
    "open_disputes": Text("Disputes open", "待裁定异议"),
    "total_fen": Text("Total (¥)", "应付合计（元）"),
}
CLAIMED = Text("claimed ¥{yuan}", "主张 {yuan} 元")
DECIDED = Text("decided: {reason}", "裁定：{reason}")
ROUNDING = Text(
    "Each hand-over counts at the value of Fu coins in force at its time. The exact values are "
    "added up and rounded once, half up, to whole fen.",
    "每笔兑换按其发生时生效的福币价值计算，精确累加后一次四舍五入至分。",
)
OPEN = Text(
    "What is disputed and not decided is not part of the total.", "待裁定的异议金额未计入合计。"
)
SIGNATURES: tuple[Text, ...] = (
    Text("For the redemption point (signature, seal)", "兑换点（签字、盖章）"),
    Text("For the centre (signature, seal)", "网格中心（签字、盖章）"),
)
SIGNED_ON = Text("Date", "日期")
