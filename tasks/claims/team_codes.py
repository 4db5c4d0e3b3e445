"""The code on a leader's phone: it changes every minute, so that a picture sent on is worth little.

It names the leader's participation and the minute, under a keyed hash: nothing of it is stored.
"""

import hmac
import re
from datetime import UTC, datetime
from typing import NamedTuple

from shared.sealing import keyed_hash, keyed_hashes

STEP_S = 60
# The code before still joins: somebody may just have been pointing the camera at it.
STEPS_OF_GRACE = 1
_SHAPE = re.compile(r"FXT\.([0-9a-f]{24})\.(\d{1,12})\.([0-9a-f]{32})")
_PURPOSE = "tokens"


class TeamCode(NamedTuple):
    """What the leader shows, and until when before the next one takes its place."""

    code: str
    next_at: datetime


def team_code_at(participation_id: str, moment: datetime) -> TeamCode:
    """The code of the leader's participation at a moment."""
    step = _step(moment)
    mac = _short(keyed_hash(_said(participation_id, step), purpose=_PURPOSE))
    next_at = datetime.fromtimestamp((step + 1) * STEP_S, UTC)
    return TeamCode(f"FXT.{participation_id}.{step}.{mac}", next_at)


def leader_in(code: str, moment: datetime) -> str | None:
    """The leader's participation that a code names; None where it is none of ours, or too old."""
    shape = _SHAPE.fullmatch(code.strip())
    if shape is None:
        return None
    participation_id, step, mac = shape[1], int(shape[2]), shape[3]
    if not 0 <= _step(moment) - step <= STEPS_OF_GRACE:
        return None
    known = keyed_hashes(_said(participation_id, step), purpose=_PURPOSE)
    return participation_id if any(_is_same(_short(one), mac) for one in known) else None


def _step(moment: datetime) -> int:
    return int(moment.timestamp() // STEP_S)


def _said(participation_id: str, step: int) -> str:
    return f"team-code:{participation_id}:{step}"


def _short(hashed: str) -> str:
    return hashed.rpartition(".")[2][:32]


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one, other)
