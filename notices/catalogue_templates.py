"""The words of the catalogue's notices: vouchers, awards, shelves, providers, statements."""

from notices.template import Template
from shared.i18n import Text

CATALOGUE: dict[str, Template] = {
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
    "award_approved": Template(
        Text("A reward was approved", "奖励申请已通过"),
        Text(
            "“{title}”, which you asked for, was approved by the second officer.",
            "您申请发放的“{title}”已通过复核并发放。",
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
    "voucher_handed_over": Template(
        Text("Your voucher was used", "兑换成功"),
        Text(
            "“{title}” was handed over at {place} at {redeemed_at}. If that was not you, please "
            "tell your community centre.",
            "“{title}”已于 {redeemed_at} 在{place}兑换。如非本人领取，请尽快联系社区综治中心。",
        ),
    ),
    "voucher_handed_over_offline": Template(
        Text("Your voucher was used", "兑换成功"),
        Text(
            "{place} reports that “{title}” was handed over there without network at "
            "{redeemed_at}. If that was not you, please tell your community centre.",
            "{place}补报：“{title}”已于 {redeemed_at} 离线兑换。"
            "如非本人领取，请尽快联系社区综治中心。",
        ),
    ),
    "voucher_recalled": Template(
        Text("A reward was recalled", "奖品已召回"),
        Text(
            "“{title}” cannot be fetched at {place} any more; your coins are in your wallet again.",
            "“{title}”已召回，不能再到{place}领取，福币已退回您的钱包。",
        ),
    ),
    "gift_recalled": Template(
        Text("A reward was recalled", "奖品已召回"),
        Text(
            "“{title}” cannot be fetched at {place} any more; its coins went to who gave it to "
            "you.",
            "“{title}”已召回，不能再到{place}领取，福币已退回赠送人。",
        ),
    ),
    "award_recalled": Template(
        Text("A reward was recalled", "奖品已召回"),
        Text(
            "“{title}” cannot be fetched at {place} any more. Please ask your community centre.",
            "“{title}”已召回，不能再到{place}领取，请咨询社区综治中心。",
        ),
    ),
    "award_taken_back": Template(
        Text("A reward was withdrawn", "奖励已撤回"),
        Text(
            "“{title}” at {place} is no longer yours to fetch. Please ask your community centre.",
            "“{title}”（{place}）的奖励已撤回，如有疑问请咨询社区综治中心。",
        ),
    ),
    "gift_coins_back": Template(
        Text("Your coins are back", "福币已退回"),
        Text(
            "“{title}”, which you gave away, was not used: {coins} Fu coins are in your wallet "
            "again.",
            "您转赠的“{title}”未使用，{coins} 福币已退回您的钱包。",
        ),
    ),
    "voucher_lapsed": Template(
        Text("A voucher has ended", "兑换券已过期"),
        Text("“{title}” was not used in time.", "“{title}”逾期未使用，已过期。"),
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
    "point_statement_to_decide": Template(
        Text("A statement awaits decisions", "结算单有待裁定事项"),
        Text(
            "{lines} lines of the statement of {point} of {day} are disputed and await a decision; "
            "until then the point's silence does not confirm it.",
            "{point} {day} 的结算单有 {lines} 行异议待裁定；裁定前不因逾期未答复而视同确认。",
        ),
    ),
    "point_statement_second": Template(
        Text("A decision needs a second officer", "裁定须第二人复核"),
        Text(
            "Line {number} of the statement of {point} of {day} is to count for far more than it "
            "is worth: another officer is to decide the same, or otherwise.",
            "{point} {day} 结算单第 {number} 行拟裁定金额明显高于其价值，"
            "须由另一名工作人员作出相同裁定或另行裁定。",
        ),
    ),
    "point_statement_refunded": Template(
        Text("A statement changed after a refund", "退货后结算单金额变动"),
        Text(
            "Line {number} of the statement of {day} of {point} was brought back; it now comes to "
            "{yuan} yuan.",
            "{point} {day} 的结算单第 {number} 行已退货，现合计 {yuan} 元。",
        ),
    ),
    "qrs_forged": Template(
        Text("Forged QR codes are shown", "有人出示伪造二维码"),
        Text(
            "At {point} a clerk was shown many QR codes within minutes that are not genuine. The "
            "counter goes on; please ask there.",
            "{point}短时间内多次出现伪造的兑换二维码，该点兑换不受影响，请核实情况。",
        ),
        urgent=True,
    ),
    "revoked_point_key_shown": Template(
        Text("A revoked device is in use", "已吊销的设备仍在使用"),
        Text(
            "At {point} the key of the device “{label}”, which was revoked, was shown again. "
            "If it was lost, whoever has it is trying to use it.",
            "{point}的设备“{label}”密钥已被吊销，但仍被使用。如设备曾遗失，请立即核实。",
        ),
        urgent=True,
    ),
}
