"""From a finished walk to a verdict: judge, look for what is suspicious, decide once."""

from datetime import datetime
from typing import NamedTuple

from notices import tell, tell_officers
from people import unit_of
from shared.clock import real_now
from tasks.claims.togetherness import vouched_track
from tasks.devices.packing import pack_inbox_of
from tasks.judging.checks import Judgement, judge, with_suspicion
from tasks.judging.proof import Proof
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.paying import FINAL, settle_participation
from tasks.proofs.proving import proof_of
from tasks.publishing import task_of
from tasks.suspicion.suspecting import suspect
from tasks.taking_part import ParticipationNotFound
from tasks.task import EARLY_START, Task
from tasks.tracks.tracking import Track, track_of

STATE_AFTER = {
    "verified": ParticipationState.VERIFIED,
    "refused": ParticipationState.REFUSED,
    "needs_review": ParticipationState.IN_REVIEW,
}


def verify_participation(participation_id: str) -> None:
    """Judge a finished participation and pay it where it is verified; harmless to repeat."""
    found: Participation | None = Participation.objects.with_id(participation_id)
    if found is None:
        raise ParticipationNotFound
    if found.state == ParticipationState.FINISHED:
        found = decide(found, _verdict(found), ParticipationState.FINISHED)
        if found.state == ParticipationState.IN_REVIEW:
            tell_of_review(found)
    if not found.settled and found.state in FINAL:
        settle_participation(found)


def tell_of_review(found: Participation) -> None:
    """Tell the walker that a person looks at it and the coins wait, and the unit's officers."""
    task = task_of(found.task_id)
    facts = {"title": task.title, "coins": found.coins, "participation_id": found.id}
    key = f"review:{found.id}:{len(found.verdicts)}:{len(found.appeals)}"
    tell(found.person_id, "verdict_in_review", facts, key=key)
    tell_officers(unit_of(found.unit_id), "review_wanted", facts, key=key)


class Held(NamedTuple):
    """A walk held against its task: the judgement, and the track and the proof that it is of."""

    judgement: Judgement
    track: Track
    proof: Proof


def _verdict(found: Participation) -> Verdict:
    pack_inbox_of(found.person_id)
    task = task_of(found.task_id)
    held = judged_now(found, task, _counted(found))
    suspicion = suspect(found, task, held.judgement.walk, held.track, held.proof)
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


def judged_now(found: Participation, task: Task, claim: tuple[datetime, datetime]) -> Held:
    """What has arrived of a walk, held against its task; `claim` is from when to when it counts.

    It is computed from all chunks each time, so that their order and repeats do not matter.
    """
    track = vouched_track(found) if found.vouched_by else track_of(found.id)
    proof = proof_of(found, task)
    judgement = judge(
        task.area,
        task.checks,
        window=(task.starts_at, found.ends_at),
        claim=claim,
        points=track.points,
        datum=track.datum,
        proof=proof,
        segment_starts=track.segment_starts,
        pauses=_pauses(found, claim[1]),
    )
    return Held(judgement, track, proof)


def _pauses(found: Participation, until: datetime) -> list[tuple[float, float]]:
    return [
        (pause.from_at.timestamp(), (pause.until_at or until).timestamp()) for pause in found.pauses
    ]


def _counted(found: Participation) -> tuple[datetime, datetime]:
    """From when to when a walk counts: within its claim, and within its task's hours and slack.

    Whatever the checks are: or else one walk could be sent for every task of a long day.
    """
    since = max(found.started_at, found.starts_at - EARLY_START)
    until = min(found.finished_at, found.ends_at + EARLY_START)
    return since, max(since, until)


def decide(found: Participation, verdict: Verdict, start: ParticipationState) -> Participation:
    """The one write that decides; of two judges that race, the first one's verdict stands."""
    decided: Participation | None = Participation.objects(id=found.id, state=start).modify(
        new=True, set__state=STATE_AFTER[verdict.outcome], push__verdicts=verdict
    )
    if decided is not None:
        return decided
    current: Participation = Participation.objects(id=found.id).get()
    return current
