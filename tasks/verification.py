"""From a finished walk to a verdict: judge, look for what is suspicious, decide once."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from notices import tell, tell_officers
from people import unit_of
from shared.clock import real_now
from tasks.claims.togetherness import vouched_track
from tasks.devices.packing import pack_inbox_of
from tasks.devices.waiting import waits_for_phone
from tasks.judging.checks import Judgement, judge, with_suspicion
from tasks.judging.proof import Proof
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.paying import FINAL, settle_participation
from tasks.proofs.proving import proof_of
from tasks.proofs.waiting import waits_until
from tasks.publishing import task_of
from tasks.suspicion.suspecting import shared_with_captain, suspect
from tasks.taking_part import ParticipationNotFound
from tasks.task import EARLY_START, Task
from tasks.tracks.tracking import Track, track_of

# Whoever still sends while being judged is judged again so often at once, then by the sweep.
TRIES = 5
CAPTAIN_AGAIN = timedelta(seconds=10)
STATE_AFTER = {
    "verified": ParticipationState.VERIFIED,
    "refused": ParticipationState.REFUSED,
    "needs_review": ParticipationState.IN_REVIEW,
}


def verify_participation(participation_id: str) -> None:
    """Judge a finished participation and pay it where it is verified; harmless to repeat.

    Left for the sweep is what a log, a phone's queue or a captain's own verdict is waited for.
    """
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    if found.state == ParticipationState.FINISHED:
        found = _judged(found)
    if found.state == ParticipationState.IN_REVIEW and not found.review_told:
        tell_of_review(found)
    if not found.settled and found.state in FINAL:
        settle_participation(found)


def _judged(found: Participation) -> Participation:
    """The participation, decided where it could be; what arrives meanwhile is judged as well."""
    for _ in range(TRIES):
        task, captain = task_of(found.task_id), _captain_of(found)
        pack_inbox_of(captain.person_id)
        found = Participation.objects(id=found.id).get()
        if found.state != ParticipationState.FINISHED:
            return found
        until = _waited_for(found, captain, task)
        if until is not None:
            Participation.objects(id=found.id).update_one(set__look_again_at=until)
            return found
        verdict = _verdict(found, captain, task)
        if pack_inbox_of(captain.person_id):
            continue
        # What was brought since it was read is part of the guard: then it is judged anew.
        seen = {"sent": found.sent, "proofs": {"$in": [found.proofs, found.proofs or None]}}
        found = decide(found, verdict, ParticipationState.FINISHED, **seen)
        if found.state != ParticipationState.FINISHED:
            return found
    return found


def _captain_of(found: Participation) -> Participation:
    """Whose track it is: the captain's who vouches for it, else its own."""
    if found.vouched_by is None:
        return found
    captain: Participation = Participation.objects(id=found.vouched_by).get()
    return captain


def _waited_for(found: Participation, captain: Participation, task: Task) -> datetime | None:
    """When it is looked at again, where something is still to come; None where it can be judged."""
    moment = real_now()
    if captain.id != found.id:
        return None if captain.verdicts else moment + CAPTAIN_AGAIN
    until = [one for one in (waits_until(found, task), waits_for_phone(found)) if one is not None]
    return max((one for one in until if one > moment), default=None)


def tell_of_review(found: Participation) -> None:
    """Tell the walker that a person looks at it and the coins wait, and the unit's officers."""
    task = task_of(found.task_id)
    facts = {"title": task.title, "coins": found.coins, "participation_id": found.id}
    key = f"review:{found.id}:{len(found.verdicts)}:{len(found.appeals)}"
    tell(found.person_id, "verdict_in_review", facts, key=key)
    tell_officers(unit_of(found.unit_id), "review_wanted", facts, key=key)
    Participation.objects(id=found.id, state=found.state).update_one(set__review_told=True)


class Held(NamedTuple):
    """A walk held against its task: the judgement, and the track and the proof that it is of."""

    judgement: Judgement
    track: Track
    proof: Proof


def _verdict(found: Participation, captain: Participation, task: Task) -> Verdict:
    held = judged_now(found, task, _counted(found, captain), captain)
    suspicion = suspect(found, task, held.judgement.walk, held.track, held.proof)
    if captain.id != found.id:
        suspicion = shared_with_captain(suspicion, captain)
    judgement = with_suspicion(
        held.judgement,
        suspicion.score,
        suspicion.signals,
        review_rule=task.kind_rules.get("review", "suspicion"),
    )
    number = len(found.verdicts) + 1
    return Verdict(
        number=number,
        judged_at=real_now(),
        score=suspicion.score,
        signals=list(suspicion.signals),
        **judgement.plain(),
    )


def judged_now(
    found: Participation,
    task: Task,
    claim: tuple[datetime, datetime],
    captain: Participation | None = None,
) -> Held:
    """What has arrived of a walk, held against its task; `claim` is from when to when it counts.

    A member is judged by the pauses and the longer hours of the `captain` who vouches. It is
    computed from all chunks each time, so that their order and repeats do not matter.
    """
    track = vouched_track(found) if found.vouched_by else track_of(found.id)
    proof = proof_of(found, task)
    judgement = judge(
        task.area,
        task.checks,
        window=(task.starts_at, max(found.ends_at, (captain or found).ends_at)),
        claim=claim,
        points=track.points,
        datum=track.datum,
        proof=proof,
        segment_starts=track.segment_starts,
        pauses=_pauses(captain or found, claim[1]),
    )
    return Held(judgement, track, proof)


def _pauses(found: Participation, until: datetime) -> list[tuple[float, float]]:
    return [
        (pause.from_at.timestamp(), (pause.until_at or until).timestamp()) for pause in found.pauses
    ]


def _counted(found: Participation, captain: Participation) -> tuple[datetime, datetime]:
    """From when to when a walk counts: within its claim, and within its task's hours and slack.

    Whatever the checks are: or else one walk could be sent for every task of a long day.
    """
    since = max(found.started_at, found.starts_at - EARLY_START)
    until = min(found.finished_at, max(found.ends_at, captain.ends_at) + EARLY_START)
    return since, max(since, until)


def decide(
    found: Participation, verdict: Verdict, start: ParticipationState, **seen: Any
) -> Participation:
    """The one write that decides; of two judges that race, the first one's verdict stands.

    `seen` is what else must be as it was read. The participation as it is then.
    """
    guarded = {"_id": found.id, "state": start.value, **seen}
    decided: Participation | None = Participation.objects(__raw__=guarded).modify(
        new=True,
        set__state=STATE_AFTER[verdict.outcome],
        set__review_told=False,
        # Work that was settled as verified, and is withdrawn now, has a tail to run again.
        set__settled=False,
        push__verdicts=verdict,
    )
    if decided is not None:
        return decided
    current: Participation = Participation.objects(id=found.id).get()
    return current
