"""Suspicion, review and appeal as people live them: coins wait, and strangers decide."""

from datetime import timedelta

from evenings import claim_and_start, publish, walk

from fixtures.walk_simulator import simulate_drive, simulate_walk
from shared.clock import now
from shared.ids import new_id


def mocked(*args, **more):
    """An honest line, of which the phone itself says that an app made it up."""
    recorded = simulate_walk(*args, **more)
    for point in recorded.points:
        point["mock"] = True
    return recorded


def balance(resident):
    return resident.get("/me/wallet")["balance"]


def test_a_suspicious_walk_waits_for_a_person_and_its_coins_are_seen_waiting(
    street, hire, phone, work
):
    resident = phone("13800000011", number=11)
    done = walk(resident, publish(street), mocked)
    work()
    seen = resident.get(f"/participations/{done['id']}")
    assert (seen["state"], balance(resident)) == ("in_review", 0)
    assert [one["signal"] for one in seen["verdict"]["signals"]] == ["mock"]
    assert seen["verdict"]["score"] >= 50
    assert resident.get("/me/pending-coins") == {"coins": 100, "walks": 1}
    # The publisher is no stranger to it.
    path = f"/participations/{done['id']}/reviews"
    verdict = {"verified": True, "reason": "The phone is a test phone; I was there."}
    assert street.officer.post(path, verdict, status=403)["code"] == "OwnWork"
    second = hire("second", "centre_officer", street.unit)
    queue = second.get(f"/participations/in-review?unit_id={street.unit['id']}")["items"]
    assert [one["id"] for one in queue] == [done["id"]]
    second.post(path, verdict)
    assert (balance(resident), resident.get("/me/pending-coins")["coins"]) == (100, 0)
    # By then the quiet hours of any evening are over.
    later = resident.at(now() + timedelta(days=1))
    told = {one["notice"] for one in later.get("/me/notices")["items"]}
    assert {"verdict_in_review", "verdict_verified"} <= told


def test_a_refusal_is_appealed_and_another_reviewer_decides(street, hire, phone, work):
    resident = phone("13800000012", number=12)
    done = walk(resident, publish(street), simulate_drive)
    work()
    assert resident.get(f"/participations/{done['id']}")["state"] == "refused"
    path = f"/participations/{done['id']}/appeals"
    words = {"words": "I stood by the broken-down fire engine all evening."}
    assert resident.post(path, words)["state"] == "appealed"
    assert resident.post(path, words)["state"] == "appealed"
    stranger = phone("13800000013", number=13)
    assert stranger.post(path, words, status=404)["code"] == "ParticipationNotFound"
    second = hire("second", "centre_officer", street.unit)
    second.post(f"/participations/{done['id']}/reviews", {"verified": True, "reason": "He did."})
    assert balance(resident) == 100


def test_a_look_at_a_track_is_cut_logged_and_seen_by_its_owner(street, phone, work):
    resident = phone("13800000014", number=14)
    done = walk(resident, publish(street))
    work()
    path = f"/participations/{done['id']}/track?datum=gcj02"
    whole, cut = resident.get(path), street.officer.get(path)
    assert (whole["is_cut"], cut["is_cut"]) == (False, True)
    assert len(cut["t_ms"]) < len(whole["t_ms"]) == len(whole["coordinates"])
    looks = resident.get("/me/track-looks")["items"]
    assert [(one["by_id"], one["what"]) for one in looks] == [(street.officer.person_id, "track")]
    resident.post(f"/participations/{done['id']}/track-erasure")
    assert resident.get(path)["t_ms"] == []
    assert balance(resident) == 100


def test_progress_is_told_while_walking(street, phone):
    resident = phone("13800000015", number=15)
    started = claim_and_start(resident, publish(street))
    progress = resident.get(f"/participations/{started['id']}/progress")
    assert (progress["points_kept"], {one["passed"] for one in progress["checks"]}) == (0, {False})


def test_a_proven_cheats_work_is_withdrawn_in_one_action(street, phone, hire, admin, work, town):
    resident = phone("13800000016", number=16)
    walk(resident, publish(street))
    work()
    assert balance(resident) == 100
    city_rates = hire("city-rates", "rate_admin", town["city"])
    decision = {"since": (now() - timedelta(days=1)).isoformat(), "words": "两部手机同行。"}
    path = f"/people/{resident.person_id}/work-withdrawals"
    key = new_id()
    first = city_rates.post(path, decision, Idempotency_Key=key)
    again = city_rates.post(path, decision, Idempotency_Key=key)
    assert (first["id"], first["done"], len(again["walk_ids"])) == (again["id"], True, 1)
    assert balance(resident) == 0
    seen = resident.get("/me/participations")["items"][0]
    assert (seen["state"], "两部手机同行" in seen["verdict"]["reason"]) == ("refused", True)


def test_attendance_written_down_afterwards_needs_a_second_officer_and_pays_nothing(
    street, phone, hire
):
    resident = phone("13800000017", number=17)
    task = publish(street)
    later = now() + timedelta(hours=3)
    path = f"/tasks/{task['id']}/back-filled-attendances"
    words = {"person_id": resident.person_id, "words": "His phone was stolen."}
    written = street.officer.at(later).post(path, words)
    review = f"/participations/{written['id']}/reviews"
    street.officer.post(review, {"verified": True, "reason": "x"}, status=403)
    second = hire("second", "centre_officer", street.unit)
    decided = second.post(review, {"verified": True, "reason": "I saw him."})
    assert (decided["state"], balance(resident)) == ("verified", 0)


def test_the_watch_and_second_looks_answer_only_those_whom_they_are_for(street, phone):
    unit = street.unit["id"]
    assert street.auditor.get(f"/units/{unit}/organiser-watch")["items"] == []
    street.officer.get(f"/units/{unit}/organiser-watch", status=403)
    assert street.officer.get(f"/second-looks?unit_id={unit}")["items"] == []
    resident = phone("13800000018", number=18)
    resident.get(f"/second-looks?unit_id={unit}", status=403)
    refused = street.officer.post(
        f"/participations/{'0' * 24}/second-look", {"verified": True, "reason": "x"}, status=404
    )
    assert refused["code"] == "SecondLookNotFound"
