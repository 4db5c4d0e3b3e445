"""Whether what refers to an entry agrees with it: reversals, returns, holds that were settled."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from pymongo.client_session import ClientSession

from ledger.accounts import AccountKind
from ledger.entry import Entry
from ledger.entry_kinds import EntryKind
from ledger.hold import Hold, HoldState
from ledger.new_entry import hash_of
from ledger.proof.findings import Finding, FindingKind
from ledger.proof.replaying_steps import MAX_FINDINGS, Steps, over
from shared.database import collection

Found = Mapping[str, Any]
# What a hold's request hash is over (see holding.py).
REQUESTED = ("account", "amount", "currency", "about_kind", "about_id", "expires_at")


def unsound_references(session: ClientSession) -> Iterator[Finding]:
    """Entries that reverse or return what is not there, or do not undo what they reverse."""
    steps: Steps = [
        {"$match": {"$or": [{"reverses": {"$exists": True}}, {"returns": {"$exists": True}}]}},
        {"$project": {"legs": 1, "posted_at": 1, "reverses": 1, "returns": 1}},
        _looked_up("reverses", "reversed"),
        _looked_up("returns", "returned"),
    ]
    found = (flaw for entry in over(Entry, steps, session) for flaw in _flaws(entry))
    yield from islice(found, MAX_FINDINGS)


def holds_that_differ(session: ClientSession) -> Iterator[Finding]:
    """Holds whose entry did not pay what they say, whose lots are too many, or that end oddly."""
    steps: Steps = [
        _looked_up("entry_id", "entry"),
    ]
    found = (_hold_flaw(hold) for hold in over(Hold, steps, session))
    yield from islice((flaw for flaw in found if flaw), MAX_FINDINGS)


def _looked_up(field: str, beside: str) -> dict[str, Any]:
    """The stage that puts the entry which a field names beside it, as a list of none or one."""
    return {
        "$lookup": {
            "from": collection(Entry).name,
            "localField": field,
            "foreignField": "_id",
            "as": beside,
        }
    }


def _flaws(entry: Found) -> Iterator[Finding]:
    if "returns" in entry and not entry["returned"]:
        yield _flaw(FindingKind.RETURNS_NOTHING, entry, entry["returns"])
    if "reverses" not in entry:
        return
    if not entry["reversed"]:
        yield _flaw(FindingKind.REVERSES_NOTHING, entry, entry["reverses"])
        return
    original = entry["reversed"][0]
    if original.get("kind") == EntryKind.REVERSAL or "reverses" in original:
        yield _flaw(FindingKind.REVERSES_REVERSAL, entry, entry["reverses"])
        return
    left = _sums([*_legs_of(entry), *_legs_of(original)])
    odd = sorted("|".join(name) for name, total in left.items() if total)
    if odd:
        yield _flaw(FindingKind.REVERSAL_DIFFERS, entry, entry["reverses"], ", ".join(odd))


def _flaw(kind: FindingKind, entry: Found, other: Any, where: str | None = None) -> Finding:
    return Finding(kind, str(entry["_id"]), str(other), where, entry.get("posted_at"))


def _legs_of(entry: Found) -> Sequence[Found]:
    """The legs that can be read; the others are named where entries are held to the validator."""
    legs = entry.get("legs")
    if not isinstance(legs, list):
        return []
    return [
        leg
        for leg in legs
        if isinstance(leg, Mapping) and isinstance(leg.get("amount"), int | float)
    ]


def _sums(legs: Sequence[Found]) -> dict[tuple[str, str], int]:
    """What legs sum to by account and currency; a person's wallet and debt are one."""
    sums: dict[tuple[str, str], int] = {}
    for leg in legs:
        kind, _, rest = str(leg.get("account")).partition(":")
        if kind == AccountKind.OWED:
            kind = AccountKind.WALLET
        name = (f"{kind}:{rest}" if rest else kind, str(leg.get("currency")))
        sums[name] = sums.get(name, 0) + leg["amount"]
    return sums


def _hold_flaw(hold: Found) -> Finding | None:
    hold_id, settled = str(hold["_id"]), hold.get("settled")
    ended = hold.get("state") != HoldState.ACTIVE
    if not _is_sound(hold, ended):
        return Finding(FindingKind.UNSOUND_HOLD, hold_id)
    if hold["state"] != HoldState.SETTLED:
        return None
    if not hold["entry"]:
        return Finding(FindingKind.HOLD_WITHOUT_ENTRY, hold_id, settled)
    entry = hold["entry"][0]
    legs = [leg for leg in _legs_of(entry) if leg.get("account") == hold.get("account")]
    paid = -sum(leg["amount"] for leg in legs if leg.get("currency") == hold.get("currency"))
    if paid == settled:
        return None
    return Finding(FindingKind.HOLD_DIFFERS, hold_id, settled, paid, entry.get("posted_at"))


def _is_sound(hold: Found, ended: bool) -> bool:
    """Whether a hold's figures can be: lots within its amount, and an end only where it ended."""
    if hold.get("state") not in list(HoldState) or ended is not ("ended_at" in hold):
        return False
    if hold.get("request_hash") != _hash_of_request(hold):
        return False
    amount, settled = hold.get("amount"), hold.get("settled")
    held, back = _coins(hold.get("lots")), _coins(hold.get("lots_back"))
    if not isinstance(amount, int) or not isinstance(settled, int) or held is None or back is None:
        return False
    paid_rightly = settled > 0 if hold["state"] == HoldState.SETTLED else settled == 0
    return amount > 0 and held <= amount and back <= (held if ended else 0) and paid_rightly


def _hash_of_request(hold: Found) -> str | None:
    """The hash of what was asked for when the hold was made; None where that cannot be read."""
    account, amount, currency, noun, about_id, expires_at = map(hold.get, REQUESTED)
    if not isinstance(expires_at, datetime):
        return None
    try:
        return hash_of([account, amount, currency, [noun, about_id], expires_at.isoformat()])
    except TypeError:  # what JSON does not know
        return None


def _coins(lots: Any) -> int | None:
    """How many coins a mapping of lots has; None where it is not one."""
    lots = {} if lots is None else lots
    if not isinstance(lots, Mapping):
        return None
    counted = [coins for coins in lots.values() if isinstance(coins, int) and coins >= 0]
    return sum(counted) if len(counted) == len(lots) else None
