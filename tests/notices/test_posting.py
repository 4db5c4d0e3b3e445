"""Posting to strangers: no redirect is followed, nothing waits for ever, nothing leads inside."""

import socket
from dataclasses import replace

import pytest

from notices import posting
from notices.posting import Answer, post
from settings import settings


def test_a_post_brings_body_and_headers(receiver):
    assert post(receiver.url, b'{"a":1}', {"X-Key": "k"}) == Answer(200)
    (got,) = receiver.got
    assert (got.path, got.body, got.headers["X-Key"]) == ("/push", b'{"a":1}', "k")


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (204, True), (302, False)])
def test_only_a_2xx_is_taken_and_redirects_are_not_followed(receiver, status, is_taken):
    receiver.answers = [status]
    answer = post(receiver.url, b"{}", {})
    assert (answer.status, answer.is_taken) == (status, is_taken)
    assert len(receiver.got) == 1


def test_who_hangs_is_left_after_the_wait_for_an_answer(receiver, monkeypatch):
    monkeypatch.setattr(posting, "TIMEOUT_S", (3, 0.3))
    receiver.answers = ["hang"]
    assert post(receiver.url, b"{}", {}) == Answer(None, "timeout")


def test_who_drips_an_answer_for_ever_is_cut_off(receiver, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE_S", 0.5)
    receiver.answers = ["drip"]
    assert post(receiver.url, b"{}", {}) == Answer(None, "timeout")


def test_nobody_there_is_said_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        port = taken.getsockname()[1]
        assert post(f"http://127.0.0.1:{port}/", b"{}", {}) == Answer(None, "no_answer")
    assert post("http://no-such-host.invalid/", b"{}", {}) == Answer(None, "no_answer")


def test_a_server_that_cannot_prove_its_name_is_not_trusted(receiver):
    url = receiver.url.replace("http://", "https://")
    assert post(url, b"{}", {}) == Answer(None, "certificate")
    assert receiver.got == []


def test_production_connects_to_nothing_inside(receiver, monkeypatch):
    monkeypatch.setattr(posting, "settings", lambda: replace(settings(), production=True))
    for host in ("127.0.0.1", "localhost"):
        url = receiver.url.replace("127.0.0.1", host)
        assert post(url, b"{}", {}) == Answer(None, "private_address")
    assert receiver.got == []


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert post(receiver.url, b"{}", {}) == Answer(200)
