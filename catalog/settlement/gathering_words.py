"""The words by which the system disputes a line itself, or names what it does not know. Pure."""

from shared.i18n import Text

NO_COIN_VALUE = "no_coin_value"
NO_COIN_VALUE_WORDS = Text(
    "No value of Fu coins was in force at the hand-over.", "兑换时没有生效的福币价值标准。"
)
UNKNOWN_TITLE = Text("unknown voucher", "未知兑换券")
