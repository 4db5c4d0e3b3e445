"""The accounts as a tree of their names, with totals: a level at a time, a page of it."""

import re
from dataclasses import dataclass
from typing import Any

from bson import Regex
from pymongo.client_session import ClientSession

from ledger.accounts import GUARDED, PARTS, AccountKind
from ledger.balance import Balance
from ledger.book_closing import MonthBalance
from ledger.entry import Currency, Entry
from ledger.month_ends import month_end_balances, newest_month_end
from shared.cursors import from_cursor, to_cursor
from shared.database import Document, collection, database
from shared.errors import Invalid
from shared.i18n import Text

Steps = list[dict[str, Any]]

MAX_NODES = 100
_PART = re.compile(r"[A-Za-z0-9._-]{1,64}")
# A part of a name ends in ":" where more parts follow; the id of a balance ends it in "|". In order
# of names so ended, what lies below one child is one stretch, and these signs are past its end.
_PAST = {":": ";", "|": "}", "": ""}

# Each its own plain beginning, so that the index on names leads straight there.
_UNGUARDED_NAMES = [
    Regex(f"^{kind}:") if PARTS[kind] else kind.value for kind in AccountKind if kind not in GUARDED
]


class NoSuchBranch(Invalid):
    """Raised when a path leads to no branch of the tree of accounts."""

    message = Text("No account's name can begin like this.", "没有以此开头的账户名称。")


@dataclass(frozen=True)
class Node:
    """All accounts whose names begin with `name`: how many there are, and what they hold together.

    `total` is in minor units; `has_children` says whether names go on below.
    """

    name: str
    total: int
    accounts: int
    has_children: bool


@dataclass(frozen=True)
class TreePage:
    """The nodes one level below `under` in one currency, by name; where the level goes on."""

    under: str
    currency: str
    nodes: tuple[Node, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class _Level:
    """One level of the tree: the kind, the names' beginning, and which part tells them apart."""

    kind: AccountKind
    start: str
    part: int

    @property
    def is_last(self) -> bool:
        return self.part == len(PARTS[self.kind])

    @property
    def ending(self) -> str:
        if not self.is_last:
            return ":"
        return "|" if self.kind in GUARDED else ""

    def names_after(self, child: str | None) -> dict[str, str]:
        """The range of names on this level, after a child where one is given."""
        first = f"{self.start}{child}{_PAST[self.ending]}" if child else self.start
        return {"$gt": first, "$lt": self.start.removesuffix(":") + _PAST[":"]}


def account_tree(
    under: str = "",
    currency: str = Currency.FUB,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> TreePage:
    """The totals one level below a beginning of names: "" → kinds, "budget" → units, and so on.

    What guarded accounts hold comes from their stored balances, the rest from the last closed
    month's and the entries since. The name of an account has nothing below it. Raises
    NoSuchBranch and BadCursor.
    """
    limit = max(1, min(limit, MAX_NODES))
    after = from_cursor(cursor, str)[0] if cursor else None
    with database().client.start_session(snapshot=True) as session:
        if not under:
            return TreePage("", str(currency), _kinds(str(currency), session), None)
        level = _level_below(under)
        if level is None:
            return TreePage(under, str(currency), (), None)
        found = _children(level, str(currency), after, limit + 1, session)
    nodes = tuple(_node(level, group) for group in found[:limit])
    more = to_cursor(found[limit - 1]["_id"]) if len(found) > limit else None
    return TreePage(under, str(currency), nodes, more)


def _level_below(under: str) -> _Level | None:
    """The level below a beginning of names; None where it is a whole name. Raises NoSuchBranch."""
    word, *parts = under.split(":")
    kind = next((kind for kind in AccountKind if kind == word), None)
    if kind is None or len(parts) > len(PARTS[kind]) or not all(map(_PART.fullmatch, parts)):
        raise NoSuchBranch("under")
    if len(parts) == len(PARTS[kind]):
        return None
    return _Level(kind, f"{under}:", len(parts) + 1)


def _node(level: _Level, group: dict[str, Any]) -> Node:
    name = level.start + group["_id"]
    return Node(name, int(group["total"]), int(group["accounts"]), not level.is_last)


def _kinds(currency: str, session: ClientSession) -> tuple[Node, ...]:
    """The top of the tree: every kind that has an account, in the order of kinds."""
    found = [
        *_run(Balance, [*_kept({}, currency), *_by_part(0)], session),
        *_moved({"$in": _UNGUARDED_NAMES}, currency, _by_part(0), session),
    ]
    groups = {group["_id"]: group for group in found}
    return tuple(
        Node(kind.value, int(group["total"]), int(group["accounts"]), bool(PARTS[kind]))
        for kind in AccountKind
        if (group := groups.get(kind.value))
    )


def _children(
    level: _Level, currency: str, after: str | None, most: int, session: ClientSession
) -> Steps:
    in_order: Steps = [
        {"$set": {"order": {"$concat": ["$_id", level.ending]}}},
        {"$sort": {"order": 1}},
        {"$limit": most},
    ]
    page = [*_by_part(level.part), *in_order]
    names = level.names_after(after)
    if level.kind not in GUARDED:
        return _moved(names, currency, page, session)
    # On the last level each account is a child: no more of them are read than shown.
    first: Steps = [{"$sort": {"_id": 1}}, {"$limit": most}]
    return _run(
        Balance, [*_kept(names, currency, first if level.is_last else None), *page], session
    )


def _kept(names: dict[str, Any], currency: str, then: Steps | None = None) -> Steps:
    """The steps that give {account, balance} of the stored balances so named."""
    return [
        {"$match": {"_id": {**names, "$regex": rf"\|{currency}$"}}},
        *(then or []),
        {"$project": {"account": _word("$_id", "|", 0), "balance": "$posted"}},
    ]


def _moved(names: dict[str, Any], currency: str, then: Steps, session: ClientSession) -> Steps:
    """What stands on the accounts so named, at the last month's end and moved since, `then`."""
    end = newest_month_end(session)
    own = {"$match": {"legs.account": names, "legs.currency": currency}}
    since: Steps = [
        # In $elemMatch both ends of a range bind one leg, and so the index.
        {"$match": {"legs": {"$elemMatch": {"account": names}}, **(end.later if end else {})}},
        {"$unwind": "$legs"},
        own,
        {"$group": {"_id": "$legs.account", "balance": {"$sum": "$legs.amount"}}},
        {"$project": {"_id": 0, "account": "$_id", "balance": 1}},
    ]
    if end is None:
        return _run(Entry, [*since, *then], session)
    before = month_end_balances(end, {"account": names, "currency": currency})
    joined = {"$unionWith": {"coll": collection(Entry).name, "pipeline": since}}
    once: Steps = [
        {"$group": {"_id": "$account", "balance": {"$sum": "$balance"}}},
        {"$project": {"_id": 0, "account": "$_id", "balance": 1}},
    ]
    return _run(MonthBalance, [*before, joined, *once, *then], session)


def _by_part(part: int) -> Steps:
    """The steps that add up {account, balance} by one part of the accounts' names."""
    group = {"total": {"$sum": "$balance"}, "accounts": {"$sum": 1}}
    return [{"$group": {"_id": _word("$account", ":", part), **group}}]


def _word(text: str, parted_by: str, number: int) -> dict[str, Any]:
    return {"$arrayElemAt": [{"$split": [text, parted_by]}, number]}


def _run(document: type[Document], steps: Steps, session: ClientSession) -> Steps:
    return list(collection(document).aggregate(steps, allowDiskUse=True, session=session))
