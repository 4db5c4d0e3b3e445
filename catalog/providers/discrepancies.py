"""Noting discrepancies, each once, and telling the officers of the point that is paid."""

from pymongo.errors import DuplicateKeyError

from catalog.providers.discrepancy import KIND_WORDS, Discrepancy, DiscrepancyKind
from catalog.providers.provider import Provider
from catalog.providers.putting import provider_of
from notices import tell_officers
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id
from shared.sweeping import sweep_each

MOST_PER_PASS = 500


def note_discrepancy(
    provider: Provider,
    key: str,
    kind: DiscrepancyKind,
    *,
    source: str,
    status: str = "",
    reference: str = "",
) -> None:
    """Note a discrepancy and tell officers; repeating it changes nothing."""
    row = {
        "_id": new_id(),
        "provider_id": provider.id,
        "key": key,
        "kind": kind.value,
        "source": source,
        "status": status,
        "reference": reference,
        "found_at": real_now(),
        "to_tell": True,
    }
    try:
        collection(Discrepancy).insert_one(row)
    except DuplicateKeyError:
        return
    _tell(row["_id"])


def noted_of(provider_id: str, keys: list[str], kind: DiscrepancyKind) -> set[str]:
    """Which of the keys have a discrepancy of this kind already, cleared or not."""
    wanted = {"provider_id": provider_id, "key": {"$in": keys}, "kind": kind.value}
    return {row["key"] for row in collection(Discrepancy).find(wanted, {"key": 1})}


def clear_discrepancies(provider_id: str, keys: list[str], kind: DiscrepancyKind) -> None:
    """Mark discrepancies as cleared, where there are any that are not."""
    wanted = {"provider_id": provider_id, "key": {"$in": keys}, "kind": kind.value}
    collection(Discrepancy).update_many(
        {**wanted, "cleared_at": None},
        {"$set": {"cleared_at": real_now(), "to_tell": False}},
    )


def tell_discrepancies() -> int:
    """Tell officers of what a dead process noted and told nobody; how many."""
    waiting = collection(Discrepancy).find({"to_tell": True}, {"_id": 1}).limit(MOST_PER_PASS)
    return sweep_each([row["_id"] for row in waiting], _tell)


def _tell(discrepancy_id: str) -> bool:
    found = Discrepancy.objects(id=discrepancy_id, to_tell=True).first()
    if found is None:
        return False
    provider = provider_of(found.provider_id)
    facts = {
        "provider": dict(provider.name),
        "key": found.key,
        "kind": KIND_WORDS[found.kind].both(),
        "discrepancy_id": found.id,
    }
    # A wrong file can hold thousands of keys that are none of ours: one notice a day says so.
    strays = found.kind == DiscrepancyKind.UNKNOWN_KEY
    about = f"{provider.id}:{found.kind.value}:{found.found_at:%Y-%m-%d}" if strays else found.id
    tell_officers(
        provider.point_id, "delivery_discrepancy", facts, key=f"delivery-discrepancy:{about}"
    )
    collection(Discrepancy).update_one({"_id": found.id}, {"$set": {"to_tell": False}})
    return True
