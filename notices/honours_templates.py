"""The words of the honours' notices: levels and personal bests, told once and gently."""

from notices.template import Template
from shared.i18n import Text

HONOURS: dict[str, Template] = {
    "level_reached": Template(
        Text("You reached a new level", "您的等级提升了"),
        Text(
            "With {hours} verified hours you are “{name}” now (level {level}). Thank you.",
            "您已累计核验服务 {hours} 小时，现为“{name}”（{level} 级）。感谢您的付出！",
        ),
    ),
    "longest_walk_beaten": Template(
        Text("Your longest walk so far", "个人最长巡逻路程"),
        Text(
            "{kilometres} km in one go: further than you ever walked for the neighbourhood.",
            "单次 {kilometres} 公里，刷新了您自己的最长路程。",
        ),
    ),
    "longest_stay_beaten": Template(
        Text("Your longest duty so far", "个人最长服务时长"),
        Text(
            "{hours} hours in one go: longer than any of your duties before.",
            "单次 {hours} 小时，刷新了您自己的最长服务时长。",
        ),
    ),
    "most_in_week_beaten": Template(
        Text("Your fullest week so far", "个人单周最多服务"),
        Text(
            "{hours} verified hours in one week, more than in any before. Remember to rest.",
            "单周核验服务 {hours} 小时，为您历来最多的一周，也请注意休息。",
        ),
    ),
    "most_in_month_beaten": Template(
        Text("Your fullest month so far", "个人单月最多服务"),
        Text(
            "{hours} verified hours in one month, more than in any before. Remember to rest.",
            "单月核验服务 {hours} 小时，为您历来最多的一月，也请注意休息。",
        ),
    ),
    "league_won": Template(
        Text("One of your units is among the first", "您所在单位联赛成绩揭晓"),
        Text(
            "“{unit}” finished {period} of “{league}” as number {rank} of {total}. Well done.",
            "“{unit}”在“{league}”{period} 赛季中名列第 {rank}（共 {total} 个单位），祝贺！",
        ),
    ),
    "league_better": Template(
        Text("Your unit did better than before", "您所在单位名次提升"),
        Text(
            "“{unit}” finished {period} of “{league}” as number {rank}, better than in the season "
            "before. Thank you for your share in it.",
            "“{unit}”在“{league}”{period} 赛季中名列第 {rank}，较上一赛季提升，感谢您的参与！",
        ),
    ),
    "badge_earned": Template(
        Text("You earned a badge", "您获得一枚徽章"),
        Text(
            "The badge “{badge}” is yours, for work that was verified. Thank you.",
            "凭通过核验的服务，您获得徽章“{badge}”。感谢您的付出！",
        ),
    ),
    "badge_given": Template(
        Text("You were given a badge", "您被授予一枚徽章"),
        Text(
            "You were given the badge “{badge}”: {words}",
            "您被授予徽章“{badge}”：{words}",
        ),
    ),
    "badge_taken_back": Template(
        Text("A badge went back", "一枚徽章已收回"),
        Text(
            "Some work no longer counts, and the badge “{badge}” counted on it. It comes back as "
            "soon as you earn it again.",
            "因部分服务不再计入，徽章“{badge}”已收回；再次达到条件后会自动恢复。",
        ),
    ),
    "badge_revoked": Template(
        Text("A badge was revoked", "一枚徽章已撤销"),
        Text(
            "The badge “{badge}” was revoked: {words}",
            "徽章“{badge}”已被撤销：{words}",
        ),
    ),
    "quest_completed": Template(
        Text("You completed a quest", "您完成了一项主题行动"),
        Text(
            "Every step of “{quest}” is done. Thank you for going all the way.",
            "您已完成“{quest}”的全部步骤，感谢您的坚持！",
        ),
    ),
    "quest_taken_back": Template(
        Text("A quest is open again", "主题行动尚未完成"),
        Text(
            "Some work no longer counts, so “{quest}” is not complete. More work completes it "
            "while it lasts.",
            "因部分服务不再计入，“{quest}”尚未完成；活动期间继续参与即可补足。",
        ),
    ),
    # Commendations and brave deeds: no notice carries the words of one.
    "commendation_to_check": Template(
        Text("A nomination waits to be checked", "有表彰提名待核实"),
        Text(
            "{unit} was asked for a commendation: please find out what happened.",
            "{unit}收到一份表彰提名，请核实有关情况。",
        ),
    ),
    "commendation_to_award": Template(
        Text("A commendation waits to be awarded", "有表彰待决定"),
        Text(
            "“{title}” was checked; a third person awards it for {unit}, or declines.",
            "“{title}”已完成核实，请由第三人代表{unit}作出表彰或不予表彰的决定。",
        ),
    ),
    "nomination_checked": Template(
        Text("Your nomination was checked", "您的提名已核实"),
        Text(
            "“{title}”: {unit} looked into it, and decides soon.",
            "您提名的“{title}”已核实，{unit}将作出决定。",
        ),
    ),
    "nomination_awarded": Template(
        Text("Your nomination was awarded", "您的提名获得表彰"),
        Text(
            "{unit} awarded “{title}”. Thank you for speaking up.",
            "{unit}已对“{title}”作出表彰，感谢您的推荐。",
        ),
    ),
    "nomination_declined": Template(
        Text("Your nomination was not awarded", "您的提名未获表彰"),
        Text(
            "“{title}” was not awarded by {unit}: {why}",
            "{unit}未对“{title}”作出表彰：{why}",
        ),
    ),
    "commendation_awarded": Template(
        Text("You are commended", "您获得表彰"),
        Text(
            "{unit} commends you: “{title}”. Thank you. Whether others may know is up to you.",
            "{unit}对您予以表彰：“{title}”，感谢您的付出！是否公开由您决定。",
        ),
    ),
    "commendation_withdrawn": Template(
        Text("A commendation was withdrawn", "表彰已撤回"),
        Text(
            "{unit} withdrew the commendation “{title}”: {why}",
            "{unit}撤回了表彰“{title}”：{why}",
        ),
    ),
    "commendation_consent": Template(
        Text("An answer about publishing", "关于公开的答复"),
        Text(
            "Whom “{title}” of {unit} is for {answer} that it is public.",
            "{unit}的表彰“{title}”：受表彰方{answer}公开。",
        ),
    ),
    # Certificates of service.
    "service_certificate_revoked": Template(
        Text("A certificate no longer holds", "服务证明已失效"),
        Text(
            "Work was withdrawn that your certificate {number} ({since} to {until}) certifies, so "
            "it was revoked. You can have a new one made of the work that stands.",
            "您的服务证明 {number}（{since} 至 {until}）所含的部分服务已被撤回，该证明随之失效。"
            "您可就仍有效的服务重新开具。",
        ),
    ),
}
