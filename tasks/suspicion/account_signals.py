"""Signals between accounts: the same two as companions again and again, one phone for many.

Pure: counts in, a sentence out.
"""

from collections.abc import Mapping
from typing import Any

from shared.i18n import Text
from tasks.suspicion.signal import SENDS, SENDS_PLAINLY, VISIBLE, Signal, seen

# Once may be chance, twice a habit of neighbours; from the third time a person asks (a choice of
# ours, nobody measured it). Who joins as a team is not counted.
REPEATED = 3
# A family shares a phone, so three accounts are only shown; five are no family.
DEVICE_ACCOUNTS, DEVICE_ACCOUNTS_MANY = 3, 5

_REPEATED = Text(
    "The same two accounts have walked side by side {measured} times without being a team "
    "({needed} times are enough to look). Walking together? Join as a team.",
    "同样的两个账号已有 {measured} 次并肩行走而未组队（达到 {needed} 次即须核查）。"
    "结伴同行？请以小队方式参加。",
)
_SHARED_DEVICE = Text(
    "In {days} days this phone sent positions for {measured} accounts ({needed} are enough to "
    "show).",
    "近 {days} 天内，该手机为 {measured} 个账号发送过定位（达到 {needed} 个即予提示）。",
)


def repeated_companions(walks: int, about: Mapping[str, Any]) -> Signal | None:
    """The same two accounts as companions for the third time, or more."""
    if walks < REPEATED:
        return None
    return seen("repeated_companions", SENDS_PLAINLY, walks, REPEATED, _REPEATED, about=about)


def shared_device(accounts: int, days: int) -> Signal | None:
    """One phone that sent for at least three accounts within so many days."""
    if accounts < DEVICE_ACCOUNTS:
        return None
    weight = SENDS_PLAINLY if accounts >= DEVICE_ACCOUNTS_MANY else VISIBLE
    return seen("shared_device", weight, accounts, DEVICE_ACCOUNTS, _SHARED_DEVICE, days=days)


_CAPTAIN_IN_DOUBT = Text(
    "You walked on your captain's track, and a person is to look at that, or it was refused.",
    "您的行走以队长的轨迹为准，而该轨迹需人工核验或未通过。",
)


def captain_in_doubt(captain_id: str) -> Signal:
    """The track that stands for a member is itself in doubt."""
    about = {"participation_id": captain_id}
    return seen("captain_in_doubt", SENDS, 1, 1, _CAPTAIN_IN_DOUBT, about=about)
