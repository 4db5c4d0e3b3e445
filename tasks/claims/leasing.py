"""The lease of a claim while it runs: extended when asked, paused for a reported incident."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from notices import tell_officers
from people import Actor, unit_of
from shared.clock import in_business_time, now
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.sweeping import sweep_each
from tasks.claims.lease_rules import (
    MAX_EXTENSIONS,
    MAX_PAUSES,
    extended_lease_end,
    pause_left,
)
from tasks.participation import Participation, ParticipationState, Pause
from tasks.publishing import task_of
from tasks.slots import move_hours_end
from tasks.taking_part import WrongParticipationState, own_participation

# Two steps on one participation seldom meet; a third look always finds the last one's end.
TRIES = 5
BATCH = 500


class LeaseOver(Conflict):
    """Raised when a claim is to be extended or paused whose time to start is over."""

    message = Text("Your place was held until {held_local}.", "名额保留至 {held_local}，已过期。")


class NotExtended(Refused):
    """Raised when a claim was extended as often as may be, or is held to its window's end."""

    message = Text(
        "Your place is held until {held_local} and no longer.",
        "名额最多保留至 {held_local}，不能再延长。",
    )


class ExtensionSkipped(Conflict):
    """Raised when the second extension is asked for before the first."""

    message = Text("This would be extension {next} of your claim.", "这应是第 {next} 次延长。")


class NoPauseLeft(Refused):
    """Raised when the pauses of a participation took two hours already."""

    message = Text("Pauses may take two hours in all.", "暂停累计不得超过两小时。")


class TooManyPauses(Refused):
    """Raised when a participation was paused as often as may be."""

    message = Text("No more than {most} pauses can be made.", "暂停次数最多 {most} 次。")


def extend_claim(participation_id: str, number: int, *, by: Actor) -> Participation:
    """The claim, held a quarter of an hour longer to be started, at most to its window's end.

    `number` says which extension it is (1 or 2), so that a repeat extends nothing twice. Raises
    ParticipationNotFound, WrongParticipationState, LeaseOver, NotExtended, ExtensionSkipped.
    """
    return _changed(participation_id, by, lambda found: _extended(found, number))


def _extended(found: Participation, number: int) -> Participation | None:
    if found.extensions >= number:
        return found
    if found.state != ParticipationState.CLAIMED:
        raise WrongParticipationState(state=found.state)
    _refuse_lapsed(found, now())
    held_until = _held_until(found)
    later = extended_lease_end(held_until, found.ends_at)
    if number > MAX_EXTENSIONS or later == held_until:
        raise NotExtended(held_until=held_until, held_local=in_business_time(held_until))
    if number != found.extensions + 1:
        raise ExtensionSkipped(next=found.extensions + 1)
    return _as_seen(found).modify(new=True, set__held_until=later, inc__extensions=1)


def pause_participation(participation_id: str, words: str, *, by: Actor) -> Participation:
    """The participation, paused for the incident that `words` report; the centre is told.

    The pause ends with its resumption, and by itself after an hour, or when two hours of pauses
    are used up; as long as it lasts, a claim is held on within its window, and the window of a
    walk under way goes on. While it lasts, a repeat changes nothing. Raises ParticipationNotFound,
    WrongParticipationState, LeaseOver, NoPauseLeft, TooManyPauses.
    """
    paused = _changed(participation_id, by, lambda found: _paused(found, words))
    _tell_of_incidents(paused)
    return paused


def tell_of_incidents() -> int:
    """Tell the centres of incidents whose telling was cut off."""
    # Filtered as the index is, which holds no other participation.
    return sweep_each(
        Participation.objects(__raw__={"pauses.told": False}).limit(BATCH), _tell_of_incidents
    )


def _tell_of_incidents(paused: Participation) -> None:
    untold = [place for place, pause in enumerate(paused.pauses) if pause.told is False]
    for place in untold:
        words = paused.pauses[place].words
        title = task_of(paused.task_id).title
        facts = {"title": title, "words": words, "participation_id": paused.id}
        key = f"incident:{paused.id}:{place + 1}"
        tell_officers(unit_of(paused.unit_id), "incident_reported", facts, key=key)
        Participation.objects(id=paused.id).update_one(
            __raw__={"$set": {f"pauses.{place}.told": True}}
        )


def _paused(found: Participation, words: str) -> Participation | None:
    _must_run(found)
    moment = now()
    if is_paused(found, moment):
        return found
    _refuse_lapsed(found, moment)
    left = pause_left([(pause.from_at, pause.until_at) for pause in found.pauses])
    if not left:
        raise NoPauseLeft
    if len(found.pauses) >= MAX_PAUSES:
        raise TooManyPauses(most=MAX_PAUSES)
    # Only a walk under way is given its minutes back: who has not begun would choose the hours.
    # The hours in the agenda first: where the person's next ones begin, the window stays.
    is_moved = found.state == ParticipationState.STARTED and move_hours_end(
        found.person_id, found.id, found.ends_at + left
    )
    ends_at = found.ends_at + left if is_moved else found.ends_at
    held_until = max(_held_until(found), min(_held_until(found) + left, ends_at))
    pause = Pause(
        from_at=moment,
        until_at=moment + left,
        words=words,
        told=False,
        added_s=_seconds(ends_at - found.ends_at),
        held_s=_seconds(held_until - _held_until(found)),
    )
    return _as_seen(found).modify(
        new=True, push__pauses=pause, set__ends_at=ends_at, set__held_until=held_until
    )


def resume_participation(participation_id: str, *, by: Actor) -> Participation:
    """The participation, going on; what the pause did not take of its time goes back.

    Repeating it changes nothing. Raises ParticipationNotFound, WrongParticipationState.
    """
    resumed = _changed(participation_id, by, _resumed)
    move_hours_end(resumed.person_id, resumed.id, resumed.ends_at)
    return resumed


def _resumed(found: Participation) -> Participation | None:
    _must_run(found)
    moment = now()
    if not is_paused(found, moment):
        return found
    pause, last = found.pauses[-1], len(found.pauses) - 1
    taken_s = max(0, _seconds(moment - pause.from_at))
    added_s, held_s = min(pause.added_s, taken_s), min(pause.held_s, taken_s)
    resumed = {
        "ends_at": found.ends_at - timedelta(seconds=pause.added_s - added_s),
        "held_until": _held_until(found) - timedelta(seconds=pause.held_s - held_s),
        f"pauses__{last}__until_at": max(moment, pause.from_at),
        f"pauses__{last}__added_s": added_s,
        f"pauses__{last}__held_s": held_s,
    }
    return _as_seen(found).modify(
        new=True, **{f"set__{name}": value for name, value in resumed.items()}
    )


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


def is_paused(found: Participation, moment: datetime) -> bool:
    """Whether the participation's last pause still lasts then."""
    return bool(found.pauses) and moment < found.pauses[-1].until_at


def _must_run(found: Participation) -> None:
    if found.state not in (ParticipationState.CLAIMED, ParticipationState.STARTED):
        raise WrongParticipationState(state=found.state)


def _refuse_lapsed(found: Participation, moment: datetime) -> None:
    held_until = _held_until(found)
    if found.state == ParticipationState.CLAIMED and moment >= held_until:
        raise LeaseOver(held_until=held_until, held_local=in_business_time(held_until))


def _held_until(found: Participation) -> datetime:
    held_until: datetime = found.held_until or found.ends_at
    return held_until


def _as_seen(found: Participation) -> Any:
    """The participation as long as nothing of its lease has changed since it was read."""
    return Participation.objects(
        id=found.id,
        state=found.state,
        held_until=found.held_until,
        ends_at=found.ends_at,
        # An empty list is not stored: no pause further than those seen.
        __raw__={f"pauses.{len(found.pauses)}": {"$exists": False}},
    )


def _changed(
    participation_id: str, by: Actor, change: Callable[[Participation], Participation | None]
) -> Participation:
    """What `change` makes of the caller's participation; it answers None where it was overtaken."""
    for _ in range(TRIES):
        changed = change(own_participation(participation_id, by))
        if changed is not None:
            return changed
    raise Conflict
