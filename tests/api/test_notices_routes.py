"""The inbox over HTTP: in the caller's language, each one's own, marks that may be repeated."""

from datetime import UTC, datetime

import pytest
from city_world import Caller, by_phone

from notices import tell

AT = datetime(2017, 12, 4, 11, tzinfo=UTC)
ASKED = {"title": "夜巡", "place": "鼓西街道", "starts_at": AT, "answer_until": AT, "task_id": "t1"}


@pytest.fixture
def me(app):
    return by_phone(app)


def told(who, *keys):
    for key in keys:
        tell(who.person_id, "order_asked", ASKED, key=key)


class TestTheInbox:
    def test_shows_the_words_in_the_callers_language(self, me):
        told(me, "k")
        page = me.get("/me/notices").json
        (notice,) = page["items"]
        assert (page["unread"], page["next_cursor"]) == (1, None)
        assert (notice["notice"], notice["urgent"], notice["read_at"]) == (
            "order_asked",
            True,
            None,
        )
        assert notice["title"] == "You are asked for"
        assert notice["body"].startswith("“夜巡” at 鼓西街道 begins 2017-12-04 19:00.")
        assert notice["facts"]["task_id"] == "t1"
        assert notice["facts"]["starts_at"] == "2017-12-04T11:00:00+00:00"
        headers = {"Authorization": f"Bearer {me.tokens['access_token']}"}
        chinese = me.app.test_client().get("/api/v1/me/notices", headers=headers).json
        assert chinese["items"][0]["title"] == "您收到一项指派"

    def test_goes_on_page_by_page_and_filters_the_unread(self, me):
        told(me, *"abc")
        page = me.get("/me/notices?limit=2").json
        rest = me.get(f"/me/notices?limit=2&cursor={page['next_cursor']}").json
        shown = [one["id"] for one in page["items"] + rest["items"]]
        assert (len(set(shown)), rest["next_cursor"]) == (3, None)
        me.post(f"/me/notices/{shown[1]}/reading")
        unread = me.get("/me/notices?unread=true").json
        assert [one["id"] for one in unread["items"]] == [shown[0], shown[2]]

    def test_is_each_ones_own(self, app, me):
        told(me, "k")
        (notice,) = me.get("/me/notices").json["items"]
        other = by_phone(app, "13800138001")
        assert other.get("/me/notices").json == {"items": [], "unread": 0, "next_cursor": None}
        answer = other.post(f"/me/notices/{notice['id']}/reading")
        assert (answer.status_code, answer.json["code"]) == (404, "NoticeNotFound")
        answer = other.post("/me/notices/reading", {"up_to_id": notice["id"]})
        assert (answer.status_code, answer.json["code"]) == (404, "NoticeNotFound")
        assert me.get("/me/notices").json["unread"] == 1

    @pytest.mark.parametrize("query", ["cursor=made-up", "limit=0", "unread=perhaps", "x=1"])
    def test_refuses_a_query_it_cannot_mean(self, me, query):
        answer = me.get(f"/me/notices?{query}")
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [query.partition("=")[0]]


class TestReading:
    def test_one_may_be_repeated(self, me):
        told(me, "k")
        (notice,) = me.get("/me/notices").json["items"]
        answers = [me.post(f"/me/notices/{notice['id']}/reading") for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json == answers[1].json
        assert answers[0].json["read_at"] is not None

    def test_up_to_one_may_be_repeated(self, me):
        told(me, *"abc")
        items = me.get("/me/notices").json["items"]
        body = {"up_to_id": items[1]["id"]}
        answers = [me.post("/me/notices/reading", body) for _ in range(2)]
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json == {"marked": 2, "unread": 1}
        assert answers[1].json == {"marked": 0, "unread": 1}


class TestSettings:
    def test_are_shown_and_changed_in_part(self, me):
        usual = {"quiet_from": "22:00", "quiet_until": "07:00", "muted": []}
        assert me.get("/me/notice-settings").json == usual
        change = {"quiet_from": "23:30", "muted": ["claim_lapsed"]}
        for _ in range(2):
            answer = me.call("PATCH", "/me/notice-settings", change)
            assert (answer.status_code, answer.json) == (200, usual | change)
        assert me.get("/me/notice-settings").json == usual | change

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"quiet_from": "24:00"}, "quiet_from"),
            ({"quiet_until": "7:00"}, "quiet_until"),
            ({"quiet_until": "07:00\n"}, "quiet_until"),
            ({"muted": ["order_asked"]}, "muted.0"),
            ({"muted": ["claim_lapsed", "no_such"]}, "muted.1"),
            ({"muted": "claim_lapsed"}, "muted"),
            ({"quiet": True}, "quiet"),
        ],
    )
    def test_refuse_what_they_cannot_mean(self, me, change, field):
        answer = me.call("PATCH", "/me/notice-settings", change)
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]
        assert me.get("/me/notice-settings").json["quiet_from"] == "22:00"


def test_nobody_is_turned_away(app):
    nobody = Caller(app)
    for method, path in (
        ("GET", "/me/notices"),
        ("POST", "/me/notices/x/reading"),
        ("POST", "/me/notices/reading"),
        ("GET", "/me/notice-settings"),
        ("PATCH", "/me/notice-settings"),
    ):
        assert nobody.call(method, path, {}).status_code == 401
