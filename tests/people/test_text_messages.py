"""Text messages: posted to the provider as agreed, and a clear refusal where it fails."""

import dataclasses
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from people import text_messages
from people.text_messages import HttpSender, LogSender, MessageNotSent, sender
from settings import BadSetting, settings

PURE = True


@pytest.fixture
def provider():
    """A provider on this machine: `answer` is the status it gives, `taken` what it was sent."""

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            server.taken.append(json.loads(self.rfile.read(size)))
            self.send_response(server.answer)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.answer, server.taken = 200, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def use(monkeypatch, **changed):
    changed_settings = dataclasses.replace(settings(), **changed)
    monkeypatch.setattr(text_messages, "settings", lambda: changed_settings)


def test_the_provider_gets_phone_and_text(provider):
    HttpSender(f"http://127.0.0.1:{provider.server_port}/").send("+8613800138000", "验证码 1")
    assert provider.taken == [{"to": "+8613800138000", "text": "验证码 1"}]


@pytest.mark.parametrize("answer", [302, 400, 500])
def test_a_provider_that_says_no_is_a_refusal(provider, answer):
    provider.answer = answer
    with pytest.raises(MessageNotSent):
        HttpSender(f"http://127.0.0.1:{provider.server_port}/").send("+8613800138000", "x")


def test_a_provider_that_is_away_is_a_refusal(provider):
    # The port is taken by nobody once the server is closed.
    url = f"http://127.0.0.1:{provider.server_port}/"
    provider.socket.close()
    with pytest.raises(MessageNotSent):
        HttpSender(url).send("+8613800138000", "x")


def test_the_setting_chooses_the_sender(monkeypatch):
    use(monkeypatch, sms_sender="log")
    assert isinstance(sender(), LogSender)
    use(monkeypatch, sms_sender="http", sms_url="http://127.0.0.1:9/")
    assert sender().url == "http://127.0.0.1:9/"


@pytest.mark.parametrize(("name", "url"), [("http", ""), ("pigeon", "http://127.0.0.1:9/")])
def test_a_sender_that_cannot_send_is_a_bad_setting(monkeypatch, name, url):
    use(monkeypatch, sms_sender=name, sms_url=url)
    with pytest.raises(BadSetting):
        sender()


def test_codes_never_go_to_a_log_in_production(monkeypatch):
    use(monkeypatch, production=True)
    with pytest.raises(BadSetting):
        LogSender().send("+8613800138000", "x")
