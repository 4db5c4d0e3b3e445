"""Expiring: who holds a voucher is told once before its time is over, and what becomes of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from catalog.reward import RewardKind
from catalog.telling import facts_of
from catalog.voucher import Voucher, VoucherState
from notices import tell
from shared.clock import now
from shared.database import collection
from shared.sweeping import sweep_each

TOLD_BEFORE = timedelta(days=3)
# Of a voucher that lasts hours, three days before its end is before its beginning.
TOLD_AT_LEAST = 3
MOST_PER_RUN = 500
_A_MS = timedelta(milliseconds=1)

_FATES = {
    "award": {
        "en": "It cannot be had afterwards.",
        "zh-CN": "逾期将无法领取。",
    },
    "forfeits": {
        "en": "Its coins do not come back if it is not used.",
        "zh-CN": "逾期未使用，福币不予退回。",
    },
    "gift": {
        "en": "If it is not used, its coins go back to who gave it to you.",
        "zh-CN": "逾期未使用，福币将退回赠送人。",
    },
    "returns": {
        "en": "If it is not used, its coins go back into your wallet.",
        "zh-CN": "逾期未使用，福币将退回您的钱包。",
    },
}


def tell_expiring() -> int:
    """Tell the holders of vouchers that end within three days, each once; how many were told.

    Of one that lasts less than nine days, when a third of its time is left.
    """
    return sweep_each(list(_ending()), _tell_end)


def _ending() -> Iterator[str]:
    moment = now()
    lasts = {"$subtract": ["$expires_at", "$issued_at"]}
    a_third = {"$divide": [lasts, TOLD_AT_LEAST]}
    ahead = {"$min": [TOLD_BEFORE // _A_MS, a_third]}
    wanted: dict[str, Any] = {
        "state": VoucherState.ISSUED.value,
        "expires_at": {"$gt": moment, "$lte": moment + TOLD_BEFORE},
        "expiry_told": {"$ne": True},
        "$expr": {"$lte": ["$expires_at", {"$add": [moment, ahead]}]},
    }
    found = collection(Voucher).find(wanted, {"_id": 1}).sort("expires_at", 1)
    return (row["_id"] for row in found.limit(MOST_PER_RUN))


def _tell_end(voucher_id: str) -> bool:
    ending = Voucher.objects(id=voucher_id, state=VoucherState.ISSUED).first()
    if ending is None or ending.expiry_told:
        return False
    facts = facts_of(ending) | {"fate": _FATES[fate_of(ending)]}
    # Whoever holds it now: a gift is told of anew.
    turn = ending.code_turn or 0
    tell(ending.person_id, "voucher_ends_soon", facts, key=f"ends:{ending.id}:{turn}")
    collection(Voucher).update_one(
        {"_id": ending.id, "person_id": ending.person_id}, {"$set": {"expiry_told": True}}
    )
    return True


def fate_of(unused: Voucher) -> str:
    """What becomes of a voucher that is never used: award, forfeits, gift or returns."""
    if unused.is_award():
        return "award"
    if not unused.returns_at_expiry and unused.kind != RewardKind.TOP_UP:
        return "forfeits"
    return "gift" if unused.is_gift() else "returns"
