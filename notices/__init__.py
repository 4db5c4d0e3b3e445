"""What people are told: an inbox in the app, and signed webhooks for an app's push service.

A room above calls `tell` or `tell_officers` in the tail of a verb, under a key made from what was
decided, so that a repeat tells nothing twice. What is stored is the notice's name and its facts;
the words are put together when somebody reads, in their language (`templates.py`).
"""

from notices.delivery import Delivery, DeliveryState
from notices.exchanging import Reply, exchange
from notices.inbox import NoticePage, inbox_of, read_notice, read_notices_up_to, unread_of
from notices.notice import Notice
from notices.notice_settings import NoticeSettings
from notices.quiet_hours import clock_of, minute_of
from notices.signing import SIGNATURE_HEADER
from notices.telling import tell, tell_officers, tell_people
from notices.template import Template
from notices.templates import TEMPLATES, template_of, words_of
from notices.webhook import Webhook
from notices.webhook_addresses import BadWebhookUrl, check_url
from notices.webhooks import (
    DeliveryPage,
    deliveries_of,
    make_webhook,
    remove_webhook,
    secret_of,
    try_webhook,
    webhooks_of,
)
from notices.wishes import change_notice_settings, notice_settings_of

__all__ = [
    "SIGNATURE_HEADER",
    "TEMPLATES",
    "BadWebhookUrl",
    "Delivery",
    "DeliveryPage",
    "DeliveryState",
    "Notice",
    "NoticePage",
    "NoticeSettings",
    "Reply",
    "Template",
    "Webhook",
    "change_notice_settings",
    "check_url",
    "clock_of",
    "deliveries_of",
    "exchange",
    "inbox_of",
    "make_webhook",
    "minute_of",
    "notice_settings_of",
    "read_notice",
    "read_notices_up_to",
    "remove_webhook",
    "secret_of",
    "tell",
    "tell_officers",
    "tell_people",
    "template_of",
    "try_webhook",
    "unread_of",
    "webhooks_of",
    "words_of",
]
