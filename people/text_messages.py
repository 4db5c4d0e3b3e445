"""Text messages to phones: a small port, to the log by default, over HTTP for real."""

from typing import Protocol

import requests
import structlog

from people.phones import masked_phone
from settings import BadSetting, settings
from shared.errors import Unavailable
from shared.i18n import Text

# Connecting, then waiting for the answer: a phone's owner waits behind this.
TIMEOUT_S = (3, 5)

log = structlog.get_logger()


class MessageNotSent(Unavailable):
    """Raised when the provider of text messages did not take one; repeating is safe."""

    message = Text(
        "The text message could not be sent. Please try again in a moment.",
        "短信发送失败，请稍后重试。",
    )


class Sender(Protocol):
    """Anything that brings a text to a phone (E.164). Raises MessageNotSent."""

    def send(self, phone: str, text: str) -> None: ...


class LogSender:
    """Writes messages to the log, for laptops; production refuses it at start."""

    def send(self, phone: str, text: str) -> None:
        """Log the text. Raises BadSetting in production: codes may not go to a log."""
        if settings().production:
            raise BadSetting("SMS_SENDER=log is not for production")
        log.info("text_message", to=masked_phone(phone), text=text)


class HttpSender:
    """Posts `{"to": E.164, "text": …}` as JSON to SMS_URL; a 2xx answer means taken."""

    def __init__(self, url: str) -> None:
        self.url = url

    def send(self, phone: str, text: str) -> None:
        """Post the text. Raises MessageNotSent where it is not taken within seconds."""
        try:
            answer = requests.post(
                self.url,
                json={"to": phone, "text": text},
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Neither the phone nor the text: both are secrets.
            log.error("text_message_not_sent", error=type(error).__name__)
            raise MessageNotSent from error
        if not 200 <= answer.status_code < 300:
            log.error("text_message_refused", status=answer.status_code)
            raise MessageNotSent


def sender() -> Sender:
    """The sender that SMS_SENDER names. Raises BadSetting where it names none."""
    chosen, url = settings().sms_sender, settings().sms_url
    if chosen == "log":
        return LogSender()
    if chosen == "http" and url:
        return HttpSender(url)
    raise BadSetting("SMS_SENDER must be log, or http with SMS_URL set")
