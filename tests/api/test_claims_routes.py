"""Claims over HTTP: leases, waiting lists, teams, companions; who may, what repeats answer."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from city_world import Caller

from api.signing_in import tokens_for
from fixtures.factories import CENTRE, a_resident, a_task, a_town, rated
from people import Role, grant_role
from people.tokens import open_session
from shared.clock import now
from shared.ids import new_id
from tasks import Participation, Task, task_of

HERE = {"position": {"lat": CENTRE[0], "lon": CENTRE[1], "datum": "wgs84"}}
NOWHERE = new_id()


@pytest.fixture
def street(app):
    """A town, and callers to sign in: `street.caller()`, `street.caller(Role.CAPTAIN)`."""
    town = a_town()
    rated(town.city)

    def caller(*roles, nickname=""):
        actor = a_resident(nickname=nickname) if nickname else a_resident()
        for role in roles:
            grant_role(actor.person_id, role, town.street.id, by=town.admin)
        opened = open_session(actor.person_id)
        with app.app_context():
            tokens = tokens_for(actor.person_id, opened.session_id, opened.generation)
        return Caller(app, tokens)

    def task(**fields):
        made = a_task(at=town.street, slots=fields.pop("slots", 5))
        if fields:
            Task.objects(id=made.id).update_one(**{f"set__{key}": it for key, it in fields.items()})
        return task_of(made.id)

    return SimpleNamespace(town=town, app=app, caller=caller, task=task, nobody=Caller(app))


def said(answer, status, code=""):
    """The body of an answer that has this status, and this code where it is a refusal."""
    assert answer.status_code == status, answer.json
    if code:
        assert answer.json["code"] == code
        assert answer.json["detail"]
    return answer.json


def claimed(task, caller):
    return said(caller.post(f"/tasks/{task.id}/claims"), 201)


class TestLeases:
    def test_a_claim_shows_its_lease_and_is_held_longer_when_asked(self, street):
        task, caller = street.task(), street.caller()
        taken = claimed(task, caller)
        path = f"/participations/{taken['id']}/extension"
        longer = said(caller.post(path, {"number": 1}), 201)
        assert longer["held_until"] > taken["held_until"]
        assert said(caller.post(path, {"number": 1}), 201) == longer
        (mine,) = said(caller.get("/me/participations"), 200)["items"]
        assert (mine["held_until"], mine["extensions"]) == (longer["held_until"], 1)
        assert mine["free_until"] == taken["free_until"]
        assert mine["missed"] is False
        assert (mine["pauses"], mine["meetings"], mine["vouched_by"]) == ([], [], None)

    @pytest.mark.parametrize("body", [{}, {"number": 0}, {"number": 3}, {"number": "1"}])
    def test_an_extension_says_which_it_is(self, street, body):
        caller = street.caller()
        taken = claimed(street.task(), caller)
        said(caller.post(f"/participations/{taken['id']}/extension", body), 422)

    def test_an_incident_pauses_and_a_resumption_goes_on(self, street):
        caller = street.caller()
        taken = claimed(street.task(), caller)
        base = f"/participations/{taken['id']}"
        paused = said(caller.post(f"{base}/pause", {"words": "有人受伤"}), 201)
        assert paused["held_until"] > taken["held_until"]
        assert [one["words"] for one in paused["pauses"]] == ["有人受伤"]
        assert said(caller.post(f"{base}/pause", {"words": "again"}), 201) == paused
        resumed = said(caller.post(f"{base}/resumption"), 201)
        assert resumed["held_until"] < paused["held_until"]
        assert said(caller.post(f"{base}/resumption"), 201) == resumed
        said(caller.post(f"{base}/pause", {"words": " "}), 422)

    def test_late_giving_up_leaves_a_mark_that_the_volunteer_sees(self, street):
        caller = street.caller()
        taken = claimed(street.task(), caller)
        past = now() - timedelta(seconds=1)
        Participation.objects(id=taken["id"]).update_one(set__free_until=past)
        given_up = said(caller.post(f"/participations/{taken['id']}/giving-up"), 201)
        assert (given_up["state"], given_up["missed"]) == ("given_up", True)

    @pytest.mark.parametrize(
        ("verb", "body"),
        [
            ("extension", {"number": 1}),
            ("pause", {"words": "x"}),
            ("resumption", None),
            ("confirmation", None),
        ],
    )
    def test_nobody_strangers_and_made_up_ids_get_nowhere(self, street, verb, body):
        taken = claimed(street.task(), street.caller())
        path = f"/participations/{taken['id']}/{verb}"
        said(street.nobody.post(path, body), 401)
        stranger = street.caller()
        said(stranger.post(path, body), 404, "ParticipationNotFound")
        said(stranger.post(f"/participations/{NOWHERE}/{verb}", body), 404)


class TestWaiting:
    def test_a_place_in_line_becomes_a_claim(self, street):
        task, first, second, third = street.task(slots=1), *(street.caller() for _ in range(3))
        taken, places = claimed(task, first), f"/tasks/{task.id}/waiting-places"
        place = said(second.post(places), 201)
        assert place["state"] == "waiting"
        assert said(second.post(places), 201)["id"] == place["id"]
        confirmation = f"/participations/{place['id']}/confirmation"
        said(second.post(confirmation), 409, "NothingOffered")
        said(first.post(f"/participations/{taken['id']}/giving-up"), 201)
        said(third.post(f"/tasks/{task.id}/claims"), 409, "TaskFull")
        said(second.post(f"/tasks/{task.id}/claims"), 409, "OfferWaits")
        offered = said(second.get(f"/participations/{place['id']}"), 200)
        assert offered["offered_until"]
        mine = said(second.post(confirmation), 201)
        assert mine["state"] == "claimed"
        assert said(second.post(confirmation), 201) == mine

    def test_leaving_may_be_said_twice(self, street):
        task, first, second = street.task(slots=1), street.caller(), street.caller()
        claimed(task, first)
        path = f"/tasks/{task.id}/waiting-places"
        place = said(second.post(path), 201)
        assert second.delete(path).status_code == 204
        assert second.delete(path).status_code == 204
        assert said(second.get(f"/participations/{place['id']}"), 200)["state"] == "given_up"

    def test_nobody_and_made_up_tasks_get_nowhere(self, street):
        caller, path = street.caller(), f"/tasks/{NOWHERE}/waiting-places"
        said(street.nobody.post(path), 401)
        said(street.nobody.delete(path), 401)
        said(caller.post(path), 404)
        said(caller.delete(path), 404)
        said(caller.post(f"/tasks/{street.task().id}/waiting-places"), 409, "NotFull")


class TestTeams:
    def test_a_leader_shows_the_code_and_a_member_joins_by_it(self, street):
        task, leader, member = street.task(is_team=True), street.caller(), street.caller()
        taken = claimed(task, leader)
        said(member.post(f"/tasks/{task.id}/claims"), 409, "TeamNeedsCode")
        base = f"/participations/{taken['id']}"
        said(leader.get(f"{base}/team-code"), 409, "WrongParticipationState")
        said(leader.post(f"{base}/start"), 201)
        shown = said(leader.get(f"{base}/team-code"), 200)
        members = f"/tasks/{task.id}/team-members"
        joined = said(member.post(members, {"code": shown["code"], **HERE}), 201)
        assert (joined["state"], joined["team_of"]) == ("started", taken["id"])
        assert said(member.post(members, {"code": shown["code"], **HERE}), 201) == joined
        said(member.get(f"/participations/{joined['id']}/team-code"), 409, "NotTheLeader")

    def test_the_picture_is_a_qr_that_no_cache_keeps(self, street):
        leader = street.caller()
        taken = claimed(street.task(is_team=True), leader)
        said(leader.post(f"/participations/{taken['id']}/start"), 201)
        answer = leader.get(f"/participations/{taken['id']}/team-code.svg")
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"<svg" in answer.data

    def test_nobody_strangers_and_nonsense_get_nowhere(self, street):
        task, leader, stranger = street.task(is_team=True), street.caller(), street.caller()
        taken = claimed(task, leader)
        for kind in ("team-code", "team-code.svg"):
            path = f"/participations/{taken['id']}/{kind}"
            said(street.nobody.get(path), 401)
            said(stranger.get(path), 404)
        members = f"/tasks/{task.id}/team-members"
        said(street.nobody.post(members, {"code": "x", **HERE}), 401)
        said(stranger.post(members, {"code": "x", **HERE}), 409, "TeamCodeOver")
        said(stranger.post(members, {"code": "x"}), 422)
        said(stranger.post(members, {**HERE}), 422)
        said(stranger.post(f"/tasks/{NOWHERE}/team-members", {"code": "x", **HERE}), 404)


class TestCompanions:
    def test_a_captain_takes_a_member_along_by_the_card(self, street):
        task, captain, member = street.task(), street.caller(Role.CAPTAIN), street.caller()
        taken = claimed(task, captain)
        path = f"/participations/{taken['id']}/companions"
        card = said(member.get("/me/card"), 200)
        said(captain.post(path, {"card": card["text"], **HERE}), 409, "WrongParticipationState")
        said(captain.post(f"/participations/{taken['id']}/start"), 201)
        joined = said(captain.post(path, {"card": card["text"], **HERE}), 201)
        assert (joined["person_id"], joined["vouched_by"]) == (member.person_id, taken["id"])
        assert said(captain.post(path, {"card": card["code"], **HERE}), 201) == joined
        assert len(joined["meetings"]) == 1
        said(captain.post(path, {"card": "no card", **HERE}), 409, "UnknownCard")
        said(captain.post(path, {"card": card["text"]}), 422)

    def test_nobody_residents_and_other_captains_get_nowhere(self, street):
        captain, other = street.caller(Role.CAPTAIN), street.caller(Role.CAPTAIN)
        taken = claimed(street.task(), captain)
        path, body = f"/participations/{taken['id']}/companions", {"card": "x", **HERE}
        said(street.nobody.post(path, body), 401)
        said(street.caller().post(path, body), 403)
        said(other.post(path, body), 404, "ParticipationNotFound")


class TestRefusalsInWords:
    def test_who_is_wanted_is_said_in_the_callers_language(self, street):
        task = street.task(serves_as_wanted=["peace_guard", "policy_publicist"])
        english = said(street.caller().post(f"/tasks/{task.id}/claims"), 409, "NotForYou")
        assert "peace guards, policy publicists" in english["detail"]
        wants_drill = street.task(certificates_wanted=["drill"])
        caller = street.caller()
        token = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
        chinese = street.app.test_client().post(
            f"/api/v1/tasks/{wants_drill.id}/claims",
            headers=token | {"Accept-Language": "zh-CN"},
        )
        assert said(chinese, 409, "CertificateMissing")["detail"].endswith("应急演练。")

    def test_a_level_and_an_order_are_said(self, street):
        low = street.task(least_level=4)
        answer = said(street.caller().post(f"/tasks/{low.id}/claims"), 409, "LevelTooLow")
        assert answer["facts"] == {"least_level": 4, "level": 0}
        ordered = street.task(by_order=True)
        said(street.caller().post(f"/tasks/{ordered.id}/claims"), 409, "ByOrderOnly")


class TestCards:
    def test_a_card_is_reissued_once_for_each_lost_one(self, street):
        caller = street.caller(nickname="王<阿姨>")
        card = said(caller.get("/me/card"), 200)
        assert (card["version"], card["person_id"]) == (1, caller.person_id)
        renewed = said(caller.post("/me/card/reissue", {"version": 1}), 201)
        assert said(caller.post("/me/card/reissue", {"version": 1}), 201) == renewed
        assert renewed["text"] != card["text"]
        said(caller.post("/me/card/reissue", {"version": 7}), 409, "CardChanged")
        said(caller.post("/me/card/reissue", {}), 422)
        answer = caller.get("/me/card.svg")
        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.headers["Cache-Control"] == "no-store"
        drawn = answer.get_data(as_text=True)
        assert renewed["code"] in drawn
        assert "王&lt;阿姨&gt;" in drawn

    def test_an_officer_of_the_home_prints_it_and_nobody_else(self, street):
        officer, member = street.caller(Role.CENTRE_OFFICER), a_resident(home=street.town.street)
        picture = f"/people/{member.person_id}/card.svg"
        reissue = f"/people/{member.person_id}/card/reissue"
        assert officer.get(picture).status_code == 200
        said(officer.post(reissue, {"version": 1}), 201)
        afar = a_resident()
        said(officer.get(f"/people/{afar.person_id}/card.svg"), 403)
        said(officer.post(f"/people/{afar.person_id}/card/reissue", {"version": 1}), 403)
        said(officer.get(f"/people/{NOWHERE}/card.svg"), 404)
        said(street.caller().get(picture), 403)
        said(street.caller().post(reissue, {"version": 1}), 403)
        for path in (picture, "/me/card", "/me/card.svg"):
            said(street.nobody.get(path), 401)
        said(street.nobody.post(reissue, {"version": 1}), 401)
        said(street.nobody.post("/me/card/reissue", {"version": 1}), 401)
