"""The words of what officers are told of rates and budgets: changes, beginnings, thresholds."""

from notices.template import Template
from shared.i18n import Text

RATES: dict[str, Template] = {
    "rates_changed": Template(
        Text("Rates or budgets have changed", "积分标准或预算有变更"),
        Text(
            "{unit}: {who} {what}. Reason: {why}. {changes}",
            "{unit}：{who}{what}。原因：{why}。{changes}",
        ),
    ),
    "rates_drafted": Template(
        Text("A rate card is being drafted", "积分标准正在起草"),
        Text(
            "{unit}: {who} {what}; nothing is in force yet. Reason: {why}. {changes}",
            "{unit}：{who}{what}，尚未生效。原因：{why}。{changes}",
        ),
    ),
    "rate_card_in_force": Template(
        Text("A rate card is in force", "积分标准已生效"),
        Text(
            "“{title}” of {unit} is in force since {in_force_from}.",
            "{unit}的“{title}”自 {in_force_from} 起生效。",
        ),
    ),
    "budget_warned": Template(
        Text("A budget runs low", "预算接近用完"),
        Text(
            "{unit}: {drawn} of {had} coins ({percent} %) of the budget {year} ({fund}) are used; "
            "a warning was set at {threshold} %.",
            "{unit}：{year} 年度预算（经费 {fund}）已使用 {drawn}/{had} 福币（{percent}%），"
            "达到 {threshold}% 的预警线。",
        ),
    ),
    "budget_stopped": Template(
        Text("A budget has reached its stop", "预算已达停止线"),
        Text(
            "{unit}: {drawn} of {had} coins ({percent} %) of the budget {year} ({fund}) are used. "
            "At {threshold} % no more tasks are published out of it.",
            "{unit}：{year} 年度预算（经费 {fund}）已使用 {drawn}/{had} 福币（{percent}%），"
            "达到 {threshold}% 的停止线，不能再用其发布任务。",
        ),
        urgent=True,
    ),
}
