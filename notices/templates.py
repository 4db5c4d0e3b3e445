"""The words of every notice in both languages, by its name; `{places}` are filled from its facts.

Other rooms add their own lines. A wording that asks other facts gets the next `number`, and the
old one moves to EARLIER for as long as notices with its facts are kept.
"""

import string
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.clock import in_business_time
from shared.i18n import LANGUAGES, Text


@dataclass(frozen=True)
class Template:
    """A title and a body; `urgent` ones do not wait for the end of the quiet hours."""

    title: Text
    body: Text
    urgent: bool = False
    number: int = 1

    def places(self) -> set[str]:
        """The names of the facts that its words need."""
        sentences = (self.title.en, self.title.zh, self.body.en, self.body.zh)
        return {
            name
            for sentence in sentences
            for _, name, _, _ in string.Formatter().parse(sentence)
            if name is not None
        }


TEMPLATES: dict[str, Template] = {
    # Claims, slots and leases.
    "slot_offered": Template(
        Text("A place is free for you", "有名额空出"),
        Text(
            "A place in “{title}” is free. Confirm it by {until_at}, or it goes to the next.",
            "“{title}”有名额空出，请在 {until_at} 前确认，逾期将顺延给下一位。",
        ),
        urgent=True,
    ),
    "offer_lapsed": Template(
        Text("The offer is over", "候补名额已失效"),
        Text(
            "The place in “{title}” was kept for you until {until_at}, was not confirmed, and has "
            "gone on to others. You no longer wait for it.",
            "“{title}”的名额为您保留至 {until_at}，因未及时确认已顺延，您的候补已结束。",
        ),
    ),
    "claim_lapsed": Template(
        Text("Your claim has lapsed", "领取已失效"),
        Text(
            "“{title}” was not started in time, and your place has gone to others.",
            "“{title}”未按时开始，名额已释放。",
        ),
    ),
    "lease_ends_soon": Template(
        Text("Your place is held for a few minutes more", "名额即将释放"),
        Text(
            "Start “{title}” by {held_until}, or ask for more time.",
            "请在 {held_until} 前开始“{title}”，或申请延长保留时间。",
        ),
        urgent=True,
    ),
    # Orders and schedules.
    "order_asked": Template(
        Text("You are asked for", "您收到一项指派"),
        Text(
            "“{title}” at {place} begins {starts_at}. Please accept or decline by {answer_until}.",
            "“{title}”（{place}）将于 {starts_at} 开始，请在 {answer_until} 前接受或说明理由谢绝。",
        ),
        urgent=True,
    ),
    "order_nobody_left": Template(
        Text("Nobody is left to ask", "指派无人应答"),
        Text(
            "Everybody named for “{title}” declined or did not answer.",
            "“{title}”的指派人员均已谢绝或未在时限内答复。",
        ),
        urgent=True,
    ),
    "order_place_empty": Template(
        Text("A place you filled is empty again", "已落实的指派出现空缺"),
        Text(
            "Who accepted “{title}” no longer takes part, and nobody else named for it can be "
            "asked.",
            "接受“{title}”指派的人员已不再参加，且没有其他指定人员可以继续指派。",
        ),
        urgent=True,
    ),
    "order_withdrawn": Template(
        Text("You are no longer asked for", "指派已撤回"),
        Text("The order for “{title}” was withdrawn.", "“{title}”的指派已撤回，无需前往。"),
    ),
    "task_called_off": Template(
        Text("A task was called off", "任务已取消"),
        Text(
            "“{title}”, which was to begin {starts_at}, was called off.",
            "原定 {starts_at} 开始的“{title}”已取消。",
        ),
        urgent=True,
    ),
    "crew_incomplete": Template(
        Text("The crew is not complete", "人员尚未配齐"),
        Text(
            "“{title}” begins {starts_at}, and these are missing: {missing}.",
            "“{title}”将于 {starts_at} 开始，尚缺：{missing}。",
        ),
        urgent=True,
    ),
    "schedule_not_published": Template(
        Text("A scheduled task was not published", "排班任务未能发布"),
        Text(
            "“{title}” of {day} was not published: {reason}", "{day} 的“{title}”未能发布：{reason}"
        ),
    ),
    # Before and during the walk.
    "reminder_before_start": Template(
        Text("Your task begins soon", "任务即将开始"),
        Text(
            "“{title}” begins at {starts_at}, in {minutes} minutes: {address}.",
            "“{title}”将于 {starts_at}（{minutes} 分钟后）开始，地点：{address}。",
        ),
        urgent=True,
    ),
    "check_in_asked": Template(
        Text("Is everything all right?", "您是否平安？"),
        Text(
            "Nothing was heard from you in “{title}” since {since_at}. Open the app, or finish the "
            "task; the centre has been told.",
            "“{title}”自 {since_at} 起未收到您的消息，请打开应用或结束任务，值班中心已获知。",
        ),
        urgent=True,
    ),
    "check_in_overdue": Template(
        Text("A volunteer has not checked in", "志愿者失联"),
        Text(
            "{who} has not been heard from in “{title}” ({place}) since {since_at}.",
            "{who} 在“{title}”（{place}）中自 {since_at} 起失去联系。",
        ),
        urgent=True,
    ),
    "incident_reported": Template(
        Text("A volunteer reports an incident", "志愿者报告突发情况"),
        Text("During “{title}”: {words}", "“{title}”执行中：{words}"),
        urgent=True,
    ),
    # Verdicts, reviews and coins.
    "verdict_verified": Template(
        Text("Your work is verified", "核验通过"),
        Text("“{title}” passed: {coins} Fu coins.", "“{title}”已通过核验，获得 {coins} 福币。"),
    ),
    "verdict_refused": Template(
        Text("Your work was not verified", "核验未通过"),
        Text(
            "“{title}” did not pass: {reason} You can appeal to another reviewer.",
            "“{title}”未通过核验：{reason}您可以申诉，由其他审核员复核。",
        ),
    ),
    "verdict_in_review": Template(
        Text("A person looks at your work", "人工复核中"),
        Text(
            "“{title}” was handed to a reviewer; its coins wait until then.",
            "“{title}”已转人工复核，福币待复核后发放。",
        ),
    ),
    "review_wanted": Template(
        Text("Work waits for a reviewer", "有任务待复核"),
        Text("“{title}” waits for a reviewer.", "“{title}”有一份参与记录待人工复核。"),
    ),
    "certificate_given": Template(
        Text("You have a certificate", "获得证书"),
        Text(
            "“{title}” gave you the certificate {certificate}.",
            "您通过“{title}”获得证书：{certificate}。",
        ),
    ),
    # The catalogue.
    "voucher_given_to_you": Template(
        Text("A neighbour gave you something", "您收到一份赠礼"),
        Text(
            "{who} gave you “{title}”. Fetch it at {place} by {expires_at}.",
            "{who}向您赠送了“{title}”，请在 {expires_at} 前到{place}领取。",
        ),
    ),
    "voucher_given_away": Template(
        Text("You gave something away", "转赠成功"),
        Text(
            "“{title}” is {who}'s now; your code for it is void.",
            "“{title}”已转赠给{who}，您原有的兑换码已失效。",
        ),
    ),
    "reward_awarded": Template(
        Text("You were given a reward", "您获得一份奖品"),
        Text(
            "“{title}” waits for you at {place} until {expires_at}, with thanks.",
            "感谢您的付出！“{title}”请在 {expires_at} 前到{place}领取。",
        ),
    ),
    "award_waiting": Template(
        Text("A reward waits for a second officer", "有奖励待复核"),
        Text(
            "“{title}” ({yuan} yuan) was asked for, and a second officer must approve it.",
            "“{title}”（{yuan} 元）的发放申请须由另一名管理员复核。",
        ),
    ),
    "award_dismissed": Template(
        Text("A reward was not approved", "奖励申请未通过"),
        Text(
            "“{title}”, which you asked for, was not approved by the second officer.",
            "您申请发放的“{title}”未通过复核。",
        ),
    ),
    "voucher_refunded": Template(
        Text("Your coins are back", "福币已退回"),
        Text(
            "“{title}” was brought back: {coins} Fu coins are in your wallet again.",
            "“{title}”已办理退货，{coins} 福币已退回您的钱包。",
        ),
    ),
    "gift_refunded": Template(
        Text("A gift was brought back", "赠礼已退货"),
        Text(
            "“{title}” was brought back; its coins went to who gave it to you.",
            "“{title}”已办理退货，福币已退回赠送人。",
        ),
    ),
    "voucher_ends_soon": Template(
        Text("A voucher ends soon", "兑换券即将到期"),
        Text(
            "“{title}” can be had at {place} until {expires_at}. {fate}",
            "“{title}”请在 {expires_at} 前到{place}领取。{fate}",
        ),
    ),
    "stock_differs": Template(
        Text("A shelf was counted and differs", "盘点出现差异"),
        Text(
            "{place} counted {counted} of “{title}” where {expected} should lie. Please decide.",
            "{place}盘点“{title}”：实有 {counted} 件，应有 {expected} 件，请审核。",
        ),
    ),
    "stock_low": Template(
        Text("A stock is low", "库存不足"),
        Text(
            "{left} of {supplied} of “{title}” are left at {place}.",
            "{place}的“{title}”仅剩 {left} 件（共供应 {supplied} 件）。",
        ),
    ),
    "top_up_delivered": Template(
        Text("Your top-up has arrived", "充值成功"),
        Text("“{title}” was delivered.", "“{title}”已充值到账。"),
    ),
    "top_up_given_back": Template(
        Text("Your top-up was not delivered", "充值未成功"),
        Text(
            "“{title}” could not be delivered; your coins are back in your wallet.",
            "“{title}”未能充值，福币已退回钱包。",
        ),
    ),
    "delivery_in_doubt": Template(
        Text("A top-up in doubt", "充值结果不明"),
        Text(
            "“{title}”, sent to {provider} at {sent_at}, has no known outcome; two officers may "
            "settle it by hand.",
            "{provider}的“{title}”于 {sent_at} 提交后结果不明，可由两位工作人员核实处理。",
        ),
    ),
    "delivery_discrepancy": Template(
        Text("A provider contradicts our books", "供应商对账不符"),
        Text(
            "{provider} contradicts our books about the top-up {key}: {kind}.",
            "{provider}关于充值单 {key} 的信息与本地记录不符：{kind}。",
        ),
    ),
    "reconciliation_missing": Template(
        Text("A provider's file is missing", "缺少对账文件"),
        Text(
            "The file of {provider} for {day} cannot be had; please bring it yourself.",
            "无法获取{provider} {day} 的对账文件，请人工上传。",
        ),
    ),
    "codes_guessed": Template(
        Text("Voucher codes are being guessed", "有人尝试猜测兑换码"),
        Text(
            "At {point} a clerk's sign-in tried many wrong codes within minutes and is paused. "
            "Please ask there, and revoke the point key of a device that is lost.",
            "{point}有店员账号短时间内多次输入错误兑换码，已暂停其扫码。请核实情况；如设备遗失，请吊销其兑换点密钥。",
        ),
        urgent=True,
    ),
    "point_statement_ready": Template(
        Text("A statement is ready", "有结算单待确认"),
        Text(
            "{point}, {day}: {lines} lines, {yuan} yuan. Please confirm it or dispute its lines "
            "within 7 days.",
            "{point} {day} 的结算单共 {lines} 行，合计 {yuan} 元，请在 7 日内确认或提出异议。",
        ),
    ),
    "point_statement_disputed": Template(
        Text("A statement is disputed", "结算单有异议"),
        Text(
            "{point} disputes {lines} lines of its statement of {day}.",
            "{point}对 {day} 的结算单提出异议，共 {lines} 行，请裁定。",
        ),
    ),
    "point_statement_decided": Template(
        Text("A dispute was decided", "异议已裁定"),
        Text(
            "Line {number} of the statement of {day} of {point} was decided; it now comes to "
            "{yuan} yuan.",
            "{point} {day} 的结算单第 {number} 行异议已裁定，现合计 {yuan} 元。",
        ),
    ),
    "point_statement_paid": Template(
        Text("A statement was paid", "结算单已付款"),
        Text(
            "{yuan} yuan for the statement of {day} of {point} were paid: transfer {reference}.",
            "{point} {day} 的结算单 {yuan} 元已付款，流水号 {reference}。",
        ),
    ),
}
# (name, number) → a wording that is no longer given, while notices with its facts are kept.
EARLIER: dict[tuple[str, int], Template] = {}
GONE = Template(
    Text("A notice", "通知"), Text("Its words are no longer kept.", "该通知内容已不再保存。")
)


def template_of(name: str, number: int) -> Template:
    """The wording that a notice was told in; GONE where it is kept no longer."""
    current = TEMPLATES.get(name)
    if current is not None and current.number == number:
        return current
    return EARLIER.get((name, number), GONE)


def words_of(name: str, number: int, facts: dict[str, Any], language: str) -> dict[str, str]:
    """The `title` and `body` of a notice in `language`."""
    template = template_of(name, number)
    said = {fact: _spoken(value, language) for fact, value in facts.items()}
    # A notice that lacks a fact shows an empty place: the others of the inbox must be seen.
    said |= dict.fromkeys(template.places() - set(said), "")
    return {
        "title": template.title.say(language, **said),
        "body": template.body.say(language, **said),
    }


def _spoken(value: Any, language: str) -> Any:
    """A fact as a sentence says it: times of the street, and what holds both languages in one."""
    if isinstance(value, datetime):
        return in_business_time(value)
    if isinstance(value, dict):
        return value.get(language) or value.get("zh", "")
    return "" if value is None else value


def facts_lacking(name: str, facts: dict[str, Any]) -> str:
    """What is wrong with telling these facts under this name; empty where nothing is."""
    if name not in TEMPLATES:
        return f"no template is called {name}"
    missing = TEMPLATES[name].places() - set(facts)
    if missing:
        return f"{name} lacks {', '.join(sorted(missing))}"
    odd = [fact for fact, value in facts.items() if not _can_be_told(value)]
    return f"{name} cannot say {', '.join(sorted(odd))}" if odd else ""


def _can_be_told(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    if isinstance(value, dict):
        return set(value) in (set(LANGUAGES), {"en", "zh"}, set())
    return value is None or isinstance(value, str | int | float)
