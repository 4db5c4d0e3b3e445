"""The catalogue: how coins are spent.

A unit drafts a reward, brings stock of it to redemption points and offers it; a person orders one
and holds a voucher; a clerk of the point scans the voucher's code and hands the goods over. Coins
go wallet → voucher → merchant, or back to the wallet where a voucher is cancelled or lapses.
"""

from catalog.award import Award, AwardState, MatterKind
from catalog.awarding import ALONE_FEN, award_in_kind
from catalog.deciding_awards import (
    AwardPage,
    approve_award,
    award_of,
    awards_of_unit,
    dismiss_award,
    withdraw_award,
)
from catalog.gifting import Gift, gift_voucher
from catalog.giving_back import cancel_voucher, recall_reward
from catalog.hand_overs import HandedOverPage, handed_over_at
from catalog.in_hand import VoucherInHand, VoucherPage, voucher_in_hand, voucher_of, vouchers_of
from catalog.offering import change_draft, draft_reward, offer_reward, withdraw_reward
from catalog.ordering import LimitReached, order_reward
from catalog.picturing import add_picture, picture_seen, remove_picture
from catalog.points.finding_points import PointInFull, PointPage, point_of, points_near
from catalog.points.profiling import PointTerms, set_point_hours
from catalog.points.stock_count import CountNote, StockCount, StockCountState
from catalog.points.stock_counting import accept_count, count_stock, dismiss_count
from catalog.points.stock_counts import StockCountPage, stock_counts_of
from catalog.pools.code_file import MOST_CODE_BYTES, LineFlaw
from catalog.pools.importing import ImportReport, import_codes
from catalog.pools.opening import OpenedTicket, open_ticket, opened_ticket
from catalog.pools.pool_counts import PoolAtPoint, pools_of
from catalog.pools.voiding import void_codes
from catalog.proof.proving import prove_catalogue
from catalog.providers.call_backs import SignedRequest, take_call_back
from catalog.providers.closing_discrepancies import close_discrepancy
from catalog.providers.delivering import ProviderNotFound
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.http_provider import MOST_FILE_BYTES
from catalog.providers.listing import (
    ProviderPage,
    deliveries_by,
    deliveries_csv,
    delivery_of,
    discrepancies_of,
    report_of,
    reports_of,
    shown_recipient,
)
from catalog.providers.provider import Provider
from catalog.providers.putting import provider_of, providers_in_reach, put_provider, seen_provider
from catalog.providers.reconciliation_report import ReconciliationReport
from catalog.providers.reconciling import reconcile
from catalog.providers.settling_by_hand import settle_delivery
from catalog.refunding import RefundReason, refund_voucher
from catalog.reward import ExpiryRule, Reward, RewardKind, RewardState
from catalog.scanning.bringing_in import (
    BroughtIn,
    HandOverPage,
    NewHandOver,
    bring_in_hand_overs,
    hand_overs_at,
)
from catalog.scanning.live_codes import MOST_AHEAD, LiveQr, live_qr
from catalog.scanning.offline_hand_over import HandOverOutcome
from catalog.scanning.point_key import PointKey
from catalog.scanning.point_keys import (
    MadePointKey,
    make_point_key,
    point_keys_of,
    revoke_point_key,
)
from catalog.scanning.qr_keys import VoucherKeys, voucher_keys
from catalog.scanning.scanning import (
    HandedOver,
    VoucherLookedAt,
    confirm_look,
    handed_over,
    look_at_voucher,
    scan_voucher,
)
from catalog.settlement.answering import confirm_statement, dispute_lines
from catalog.settlement.asking import (
    LinePage,
    StatementAtPoint,
    StatementPage,
    point_statement,
    point_statements,
    statement_at_point,
    statement_lines,
)
from catalog.settlement.deciding import decide_line
from catalog.settlement.filing import StatementFile, StatementFormat, statement_file
from catalog.settlement.paying import pay_statement
from catalog.settlement.point_accounts import PointAccountPage, point_accounts
from catalog.settlement.point_statement import StatementState
from catalog.settlement.settling import settle_statement
from catalog.settlement.statement_line import LineKind, LineState
from catalog.settlement.stock_days import stock_days
from catalog.shelves import (
    RewardOnOffer,
    RewardPage,
    StockAtPoint,
    reward_on_offer,
    reward_with_stocks,
    rewards_of_unit,
    rewards_on_offer,
    stock_at_point,
)
from catalog.stock import OutOfStock, Stock
from catalog.stocking import stock_point
from catalog.substituting import substitute_voucher
from catalog.voucher import Voucher, VoucherState

__all__ = [
    "ALONE_FEN",
    "MOST_AHEAD",
    "MOST_CODE_BYTES",
    "MOST_FILE_BYTES",
    "Award",
    "AwardPage",
    "AwardState",
    "BroughtIn",
    "CountNote",
    "DeliveryState",
    "Discrepancy",
    "ExpiryRule",
    "Gift",
    "HandOverOutcome",
    "HandOverPage",
    "HandedOver",
    "HandedOverPage",
    "ImportReport",
    "LimitReached",
    "LineFlaw",
    "LineKind",
    "LinePage",
    "LineState",
    "LiveQr",
    "MadePointKey",
    "MatterKind",
    "NewHandOver",
    "OpenedTicket",
    "OutOfStock",
    "PointAccountPage",
    "PointInFull",
    "PointKey",
    "PointPage",
    "PointTerms",
    "PoolAtPoint",
    "Provider",
    "ProviderNotFound",
    "ProviderPage",
    "ReconciliationReport",
    "RefundReason",
    "Reward",
    "RewardKind",
    "RewardOnOffer",
    "RewardPage",
    "RewardState",
    "SignedRequest",
    "StatementAtPoint",
    "StatementFile",
    "StatementFormat",
    "StatementPage",
    "StatementState",
    "Stock",
    "StockAtPoint",
    "StockCount",
    "StockCountPage",
    "StockCountState",
    "TopUpDelivery",
    "Voucher",
    "VoucherInHand",
    "VoucherKeys",
    "VoucherLookedAt",
    "VoucherPage",
    "VoucherState",
    "accept_count",
    "add_picture",
    "approve_award",
    "award_in_kind",
    "award_of",
    "awards_of_unit",
    "bring_in_hand_overs",
    "cancel_voucher",
    "change_draft",
    "close_discrepancy",
    "confirm_look",
    "confirm_statement",
    "count_stock",
    "decide_line",
    "deliveries_by",
    "deliveries_csv",
    "delivery_of",
    "discrepancies_of",
    "dismiss_award",
    "dismiss_count",
    "dispute_lines",
    "draft_reward",
    "gift_voucher",
    "hand_overs_at",
    "handed_over",
    "handed_over_at",
    "import_codes",
    "live_qr",
    "look_at_voucher",
    "make_point_key",
    "offer_reward",
    "open_ticket",
    "opened_ticket",
    "order_reward",
    "pay_statement",
    "picture_seen",
    "point_accounts",
    "point_keys_of",
    "point_of",
    "point_statement",
    "point_statements",
    "points_near",
    "pools_of",
    "prove_catalogue",
    "provider_of",
    "providers_in_reach",
    "put_provider",
    "recall_reward",
    "reconcile",
    "refund_voucher",
    "remove_picture",
    "report_of",
    "reports_of",
    "revoke_point_key",
    "reward_on_offer",
    "reward_with_stocks",
    "rewards_of_unit",
    "rewards_on_offer",
    "scan_voucher",
    "seen_provider",
    "set_point_hours",
    "settle_delivery",
    "settle_statement",
    "shown_recipient",
    "statement_at_point",
    "statement_file",
    "statement_lines",
    "stock_at_point",
    "stock_counts_of",
    "stock_days",
    "stock_point",
    "substitute_voucher",
    "take_call_back",
    "void_codes",
    "voucher_in_hand",
    "voucher_keys",
    "voucher_of",
    "vouchers_of",
    "withdraw_award",
    "withdraw_reward",
]
