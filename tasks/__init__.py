"""How coins are earned: a centre publishes a task, a volunteer claims and walks it, the checks
judge the track, and the ledger pays once.

The claim's slot is decided by one guarded push into the task; the verdict by one guarded write on
the participation; money follows under keys derived from what was decided. What was cut off in
between, the sweep finds and finishes (`catching_up.py`).
"""

from tasks.claiming import claim_task
from tasks.closing import cancel_task
from tasks.nearby import MAX_RADIUS_M, Nearby, tasks_near
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.publishing import (
    draft_task,
    edit_task,
    publish_task,
    seen_task,
    task_of,
    tasks_of_unit,
)
from tasks.taking_part import (
    finish_participation,
    give_up_participation,
    participation_of,
    participations_of,
    start_participation,
)
from tasks.task import MAX_SLOTS, ClaimFrom, Task, TaskKind, TaskState
from tasks.tracks.positions import REJECTIONS
from tasks.tracks.tracking import MAX_BATCH_POINTS, Receipt, store_positions, track_of
from tasks.verification import in_review_of, review_participation

__all__ = [
    "MAX_BATCH_POINTS",
    "MAX_RADIUS_M",
    "MAX_SLOTS",
    "REJECTIONS",
    "ClaimFrom",
    "Nearby",
    "Participation",
    "ParticipationState",
    "Receipt",
    "Task",
    "TaskKind",
    "TaskState",
    "Verdict",
    "cancel_task",
    "claim_task",
    "draft_task",
    "edit_task",
    "finish_participation",
    "give_up_participation",
    "in_review_of",
    "participation_of",
    "participations_of",
    "publish_task",
    "review_participation",
    "seen_task",
    "start_participation",
    "store_positions",
    "task_of",
    "tasks_near",
    "tasks_of_unit",
    "track_of",
]
