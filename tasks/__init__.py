"""How coins are earned: a centre publishes a task, a volunteer claims and walks it, the checks
judge the track, and the ledger pays once.

The claim's slot is decided by one guarded push into the task; the verdict by one guarded write on
the participation; money follows under keys derived from what was decided. What was cut off in
between, the sweep finds and finishes (`catching_up.py`).
"""

from tasks.claiming import claim_by_order, claim_task
from tasks.claims.leasing import extend_claim, pause_participation, resume_participation
from tasks.claims.team_codes import TeamCode
from tasks.claims.teams import join_team, team_code_of
from tasks.claims.vouching import vouch_for
from tasks.claims.waiting import confirm_offer, join_waiting_list, leave_waiting_list
from tasks.closing import cancel_task
from tasks.devices.device import Device, PhoneApp
from tasks.devices.gpx_uploading import upload_gpx
from tasks.devices.hearing import hear_gpslogger, hear_osmand, hear_owntracks, hear_traccar
from tasks.devices.quarantined_fix import QuarantinedFix
from tasks.devices.readings import UNUSABLE
from tasks.devices.receiving import Received, quarantined_of
from tasks.devices.registering import (
    Credentials,
    UnknownDevice,
    device_with,
    devices_of,
    register_device,
    renew_secret,
    revoke_device,
)
from tasks.devices.setting_up import SetUp, set_up
from tasks.judging.crew_words import CREW_WORDS
from tasks.kinds.kind_content import KIND_PATTERN
from tasks.kinds.kinds import kind_name, kind_of, put_task_kind, task_kinds
from tasks.kinds.standard_kinds import STANDARD_KINDS
from tasks.kinds.task_kind import MOVES, REVIEWS, TaskKind
from tasks.nearby.answering import tasks_near
from tasks.nearby.database_search import search_database
from tasks.nearby.follower import Follower, follower
from tasks.nearby.open_tasks import OpenTasks
from tasks.nearby.question import MAX_RADIUS_M, Nearby, TaskNear, TasksNear
from tasks.on_duty import MAX_ON_DUTY_RADIUS_M, OnDuty, nearest_on_duty, on_duty_near
from tasks.orders.answering import accept_order, refuse_order
from tasks.orders.missing import missing_roles
from tasks.orders.order import MAX_CANDIDATES, Ask, Order, OrderState
from tasks.orders.ordering import Place, order_people, orders_of_task, orders_to, withdraw_order
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.past_work import (
    PastTask,
    PastWork,
    count_verified_work,
    past_tasks,
    people_settled_between,
    people_with_work,
    verified_work,
)
from tasks.progressing import progress_of
from tasks.proofs.attendance import Attendance
from tasks.proofs.attending import attend, attendance_code
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.hand_out import HandOut
from tasks.proofs.handing_out import (
    HandOutSheet,
    UnitHandOuts,
    hand_out,
    hand_outs_in,
    hand_outs_of,
    void_hand_out,
)
from tasks.proofs.logging_duty import duty_log_of, log_duty
from tasks.proofs.photo import Photo
from tasks.proofs.photographing import SentPhoto, photo_seen, photos_of, store_photo
from tasks.proofs.question_sheet import QuestionSheet, TestAttempt
from tasks.proofs.sheets import sheet_of, sheets_of_unit, write_sheet
from tasks.proofs.testing_knowledge import ShownTest, answer_test, shown_test
from tasks.publishing import (
    draft_task,
    edit_task,
    publish_task,
    seen_task,
    task_of,
    tasks_of_unit,
)
from tasks.quoting import price_task
from tasks.reviews.appealing import APPEAL_TIME, appeal
from tasks.reviews.back_filling import back_fill
from tasks.reviews.looks import looks_at
from tasks.reviews.organiser_watch import Conspicuous
from tasks.reviews.pending import PendingCoins, coins_pending_of
from tasks.reviews.reviewing import in_review_of, review_participation
from tasks.reviews.second_look import SecondLook
from tasks.reviews.second_looking import second_looks_of, take_second_look
from tasks.reviews.track_look import TrackLook
from tasks.reviews.watching import watch_organisers
from tasks.reviews.withdrawal import Withdrawal
from tasks.reviews.withdrawing import withdraw_work
from tasks.rewardable_work import WorkNotVerified, verified_participation
from tasks.schedules.calling_off import call_off_occurrence
from tasks.schedules.feeds import (
    calendar_behind,
    issue_own_link,
    issue_unit_link,
    revoke_own_link,
    revoke_unit_link,
)
from tasks.schedules.occurrence import Occurrence, OccurrenceState
from tasks.schedules.plans import NOTE_WORDS, Note
from tasks.schedules.schedule import MAX_DATES, MAX_TIMES, Days, Schedule
from tasks.schedules.scheduling import (
    Preview,
    create_schedule,
    edit_schedule,
    managed_schedule,
    preview_of,
    schedules_of_unit,
)
from tasks.schedules.school_calendar import MAX_SPANS, SchoolCalendar
from tasks.schedules.school_days import (
    create_school_calendar,
    edit_school_calendar,
    school_calendars_of,
)
from tasks.taking_part import (
    finish_participation,
    give_up_participation,
    participation_of,
    participations_of,
    start_participation,
)
from tasks.task import MAX_SLOTS, ClaimFrom, Task, TaskState
from tasks.tracks.erasing import erase_track
from tasks.tracks.positions import REJECTIONS
from tasks.tracks.showing import ShownTrack, seen_track
from tasks.tracks.tracking import MAX_BATCH_POINTS, Receipt, store_positions, track_of
from tasks.work_sums import UnitSum, amounts_between, sums_at

__all__ = [
    "APPEAL_TIME",
    "CREW_WORDS",
    "KIND_PATTERN",
    "MAX_BATCH_POINTS",
    "MAX_CANDIDATES",
    "MAX_DATES",
    "MAX_ON_DUTY_RADIUS_M",
    "MAX_RADIUS_M",
    "MAX_SLOTS",
    "MAX_SPANS",
    "MAX_TIMES",
    "MOVES",
    "NOTE_WORDS",
    "REJECTIONS",
    "REVIEWS",
    "STANDARD_KINDS",
    "UNUSABLE",
    "Ask",
    "Attendance",
    "ClaimFrom",
    "Conspicuous",
    "Credentials",
    "Days",
    "Device",
    "DutyLog",
    "Follower",
    "HandOut",
    "HandOutSheet",
    "Nearby",
    "Note",
    "Occurrence",
    "OccurrenceState",
    "OnDuty",
    "OpenTasks",
    "Order",
    "OrderState",
    "Participation",
    "ParticipationState",
    "PastTask",
    "PastWork",
    "PendingCoins",
    "PhoneApp",
    "Photo",
    "Place",
    "Preview",
    "QuarantinedFix",
    "QuestionSheet",
    "Receipt",
    "Received",
    "Schedule",
    "SchoolCalendar",
    "SecondLook",
    "SentPhoto",
    "SetUp",
    "ShownTest",
    "ShownTrack",
    "Task",
    "TaskKind",
    "TaskNear",
    "TaskState",
    "TasksNear",
    "TeamCode",
    "TestAttempt",
    "TrackLook",
    "UnitHandOuts",
    "UnitSum",
    "UnknownDevice",
    "Verdict",
    "Withdrawal",
    "WorkNotVerified",
    "accept_order",
    "amounts_between",
    "answer_test",
    "appeal",
    "attend",
    "attendance_code",
    "back_fill",
    "calendar_behind",
    "call_off_occurrence",
    "cancel_task",
    "claim_by_order",
    "claim_task",
    "coins_pending_of",
    "confirm_offer",
    "count_verified_work",
    "create_schedule",
    "create_school_calendar",
    "device_with",
    "devices_of",
    "draft_task",
    "duty_log_of",
    "edit_schedule",
    "edit_school_calendar",
    "edit_task",
    "erase_track",
    "extend_claim",
    "finish_participation",
    "follower",
    "give_up_participation",
    "hand_out",
    "hand_outs_in",
    "hand_outs_of",
    "hear_gpslogger",
    "hear_osmand",
    "hear_owntracks",
    "hear_traccar",
    "in_review_of",
    "issue_own_link",
    "issue_unit_link",
    "join_team",
    "join_waiting_list",
    "kind_name",
    "kind_of",
    "leave_waiting_list",
    "log_duty",
    "looks_at",
    "managed_schedule",
    "missing_roles",
    "nearest_on_duty",
    "on_duty_near",
    "order_people",
    "orders_of_task",
    "orders_to",
    "participation_of",
    "participations_of",
    "past_tasks",
    "pause_participation",
    "people_settled_between",
    "people_with_work",
    "photo_seen",
    "photos_of",
    "preview_of",
    "price_task",
    "progress_of",
    "publish_task",
    "put_task_kind",
    "quarantined_of",
    "refuse_order",
    "register_device",
    "renew_secret",
    "resume_participation",
    "review_participation",
    "revoke_device",
    "revoke_own_link",
    "revoke_unit_link",
    "schedules_of_unit",
    "school_calendars_of",
    "search_database",
    "second_looks_of",
    "seen_task",
    "seen_track",
    "set_up",
    "sheet_of",
    "sheets_of_unit",
    "shown_test",
    "start_participation",
    "store_photo",
    "store_positions",
    "sums_at",
    "take_second_look",
    "task_kinds",
    "task_of",
    "tasks_near",
    "tasks_of_unit",
    "team_code_of",
    "track_of",
    "upload_gpx",
    "verified_participation",
    "verified_work",
    "void_hand_out",
    "vouch_for",
    "watch_organisers",
    "withdraw_order",
    "withdraw_work",
    "write_sheet",
]
