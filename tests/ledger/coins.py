"""Where coins come from in the ledger's tests, and the kind of entry that moves them."""

from ledger import EntryKind, budget, issued, kind_of
from ledger.entry_kinds import MOVEMENTS

SOURCE = issued("350102", 2026)
PURSE = budget("street", 2026)


def kind_between(source: str, target: str) -> EntryKind:
    """The first kind of entry that moves coins from the one account to the other."""
    for kind, movement in MOVEMENTS.items():
        if kind_of(source) in movement.out_of and kind_of(target) in movement.into:
            return kind
    raise LookupError(f"nothing moves coins from {source} to {target}")
