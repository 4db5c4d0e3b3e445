"""The catalogue: how coins are spent.

A unit drafts a reward, brings stock of it to redemption points and offers it; a person orders one
and holds a voucher; a clerk of the point scans the voucher's code and hands the goods over. Coins
go wallet → voucher → merchant, or back to the wallet where a voucher is cancelled or lapses.
"""

from catalog.codes import CodeMistyped
from catalog.offering import (
    DraftKeyUsed,
    NotARedemptionPoint,
    RewardInvalid,
    RewardNotFound,
    RewardWithdrawn,
    StockBelowOrdered,
    StockOutOfRange,
    draft_reward,
    offer_reward,
    stock_point,
    withdraw_reward,
)
from catalog.ordering import (
    LimitReached,
    NotAtThisPoint,
    NotOffered,
    OrderKeyUsed,
    OutOfStock,
    VoucherAlreadyRedeemed,
    VoucherExpired,
    VoucherNotFound,
    cancel_voucher,
    order_reward,
)
from catalog.redeeming import (
    AlreadyHandedOver,
    CancelledAtPoint,
    ExpiredAtPoint,
    ScanKeyUsed,
    UnknownCode,
    WrongPoint,
    scan_voucher,
)
from catalog.reward import Reward, RewardKind, RewardState
from catalog.shelves import (
    RewardOnOffer,
    RewardPage,
    StockAtPoint,
    VoucherInHand,
    VoucherPage,
    reward_on_offer,
    reward_with_stocks,
    rewards_on_offer,
    stock_at_point,
    voucher_in_hand,
    voucher_of,
    vouchers_of,
)
from catalog.stock import Stock
from catalog.voucher import Voucher, VoucherState

__all__ = [
    "AlreadyHandedOver",
    "CancelledAtPoint",
    "CodeMistyped",
    "DraftKeyUsed",
    "ExpiredAtPoint",
    "LimitReached",
    "NotARedemptionPoint",
    "NotAtThisPoint",
    "NotOffered",
    "OrderKeyUsed",
    "OutOfStock",
    "Reward",
    "RewardInvalid",
    "RewardKind",
    "RewardNotFound",
    "RewardOnOffer",
    "RewardPage",
    "RewardState",
    "RewardWithdrawn",
    "ScanKeyUsed",
    "Stock",
    "StockAtPoint",
    "StockBelowOrdered",
    "StockOutOfRange",
    "UnknownCode",
    "Voucher",
    "VoucherAlreadyRedeemed",
    "VoucherExpired",
    "VoucherInHand",
    "VoucherNotFound",
    "VoucherPage",
    "VoucherState",
    "WrongPoint",
    "cancel_voucher",
    "draft_reward",
    "offer_reward",
    "order_reward",
    "reward_on_offer",
    "reward_with_stocks",
    "rewards_on_offer",
    "scan_voucher",
    "stock_at_point",
    "stock_point",
    "voucher_in_hand",
    "voucher_of",
    "vouchers_of",
    "withdraw_reward",
]
