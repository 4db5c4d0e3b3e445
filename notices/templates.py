"""The words of every notice in both languages, by its name; `{places}` are filled from its facts.

Other rooms add their own lines. A wording that asks other facts gets the next `number`, and the
old one moves to EARLIER for as long as notices with its facts are kept.
"""

from datetime import datetime
from typing import Any

from notices.catalogue_templates import CATALOGUE
from notices.honours_templates import HONOURS
from notices.rates_templates import RATES
from notices.template import Template
from shared.clock import in_business_time
from shared.i18n import LANGUAGES, Text

_OF_TASKS: dict[str, Template] = {
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
            "“{title}” of {day} was not published: {reason}",
            "{day} 的“{title}”未能发布：{reason}",
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
    "verdict_capped": Template(
        Text("Your work is verified", "核验通过"),
        Text(
            "“{title}” passed: {coins} Fu coins. {cut}.",
            "“{title}”已通过核验，获得 {coins} 福币。{cut}。",
        ),
    ),
    "verdict_on_duty": Template(
        Text("Your work is verified", "核验通过"),
        Text(
            "“{title}” passed. It counts as an hour of duty, which earns no Fu coins.",
            "“{title}”已通过核验，计为值班，不发放福币。",
        ),
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
}
TEMPLATES = _OF_TASKS | CATALOGUE | HONOURS | RATES
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
