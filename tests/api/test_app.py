"""The frame of the API: errors as problems in the caller's language, clock, limits, pages."""

import io
import re

import pytest

from api.app import openapi_text


@pytest.fixture
def client(app):
    return app.test_client()


class TestProblems:
    def test_an_unknown_address_is_a_problem_in_chinese_by_default(self, client):
        answer = client.get("/api/v1/nothing")
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"
        assert answer.json["detail"] == "该地址不存在。"

    def test_and_in_english_for_who_asks(self, client):
        answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en-GB,en;q=0.8"})
        assert answer.json["detail"] == "There is nothing at this address."

    def test_a_wrong_method_says_which(self, client):
        answer = client.delete("/api/v1/tasks/nearby", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json["code"]) == (405, "MethodNotAllowed")
        assert answer.headers["Allow"]

    @pytest.mark.parametrize("body", [b"{", b"[NaN]", b'{"phone": Infinity}', b"\xff\xfe"])
    def test_what_is_no_json_is_refused(self, client, body):
        answer = client.post("/api/v1/phone-codes", data=body, content_type="application/json")
        assert answer.status_code in (400, 422)
        assert answer.content_type == "application/problem+json"

    def test_a_body_of_fifty_megabytes_is_refused_unread(self, client):
        answer = client.post(
            "/api/v1/phone-codes", data=b"x" * 50_000_000, content_type="application/json"
        )
        assert (answer.status_code, answer.json["code"]) == (413, "RequestEntityTooLarge")

    def test_a_body_in_chunks_is_held_to_the_same_limit(self, client):
        answer = client.post(
            "/api/v1/phone-codes",
            input_stream=io.BytesIO(b"x" * 3_000_000),
            content_type="application/json",
            headers={"Transfer-Encoding": "chunked"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert (answer.status_code, answer.json["code"]) == (413, "RequestEntityTooLarge")

    def test_each_wrong_field_is_named_in_chinese(self, client):
        answer = client.post("/api/v1/phone-codes", json={"fone": 1})
        assert answer.status_code == 422
        assert answer.json["errors"] == {"fone": ["未知字段。"], "phone": ["缺少必填项。"]}

    @pytest.mark.parametrize(
        "token", ["", "Bearer", "Bearer x.y.z", "Basic abc", "Bearer " + "a" * 9]
    )
    def test_a_token_that_is_none_is_a_problem_too(self, client, token):
        answer = client.get("/api/v1/me", headers={"Authorization": token})
        assert (answer.status_code, answer.json["code"]) == (401, "TokenUnreadable")


class TestTheDemoClock:
    def test_a_clock_that_is_no_time_is_refused(self, client):
        for clock in ("now", "2026-01-01T00:00:00", ""):
            answer = client.post("/api/v1/phone-codes", json={}, headers={"X-Demo-Now": clock})
            assert (answer.status_code, answer.json["code"]) == (422, "BadDemoClock")


class TestPages:
    def test_the_process_and_its_servers_answer(self, client):
        assert client.get("/healthz").json == {"status": "ok"}
        assert client.get("/readyz").json == {
            "status": "ready",
            "database": True,
            "queue": True,
            "nearby": "off",
        }

    def test_the_front_page_and_the_docs_name_no_other_host(self, client):
        for path in ("/", "/docs"):
            page = client.get(path).text
            assert "福巡" in page
            assert not re.search(r'(src|href)="(https?:)?//', page)

    def test_the_docs_ask_no_validator_elsewhere(self, client):
        assert "validatorUrl: null" in client.get("/docs").text

    def test_the_docs_files_are_there(self, client):
        assert client.get("/docs/swagger-ui-bundle.js").status_code == 200
        assert client.get("/docs/../wsgi.py").status_code == 404

    def test_metrics_count_by_route_not_by_path(self, client):
        client.get("/api/v1/tasks/0123456789abcdef01234567")
        page = client.get("/metrics").text
        assert 'route="/api/v1/tasks/<task_id>"' in page
        assert "0123456789abcdef01234567" not in page

    def test_the_api_describes_itself(self, app):
        assert '"/api/v1/tasks/{task_id}/claims"' in openapi_text(app)
