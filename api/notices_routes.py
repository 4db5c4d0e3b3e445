"""Notices over HTTP: the caller's inbox, its read marks, and how the caller wants to be told."""

from typing import Any

from api.blueprint import Blueprint
from api.errors import documents
from api.notices_schemas import (
    NoticePageSchema,
    NoticeSchema,
    NoticeSettingsChangeSchema,
    NoticeSettingsSchema,
    NoticesQuerySchema,
    ReadSchema,
    ReadUpToSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from notices import (
    Notice,
    NoticePage,
    NoticeSettings,
    change_notice_settings,
    inbox_of,
    notice_settings_of,
    read_notice,
    read_notices_up_to,
    unread_of,
)

blp = Blueprint("notices", __name__, description="What people are told · 通知")


@blp.get("/me/notices")
@may_call(SIGNED_IN)
@blp.arguments(NoticesQuerySchema, location="query")
@blp.response(200, NoticePageSchema)
def list_my_notices(query: dict[str, Any]) -> NoticePage:
    """What the caller was told, the latest first; quiet hours hold back what is not urgent."""
    return inbox_of(caller().person_id, **query)


@blp.post("/me/notices/<string:notice_id>/reading")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(201, NoticeSchema)
def post_reading(notice_id: str) -> Notice:
    """Mark a notice as read; the first time counts."""
    return read_notice(notice_id, by=caller())


@blp.post("/me/notices/reading")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(ReadUpToSchema)
@blp.response(201, ReadSchema)
def post_reading_up_to(body: dict[str, str]) -> dict[str, int]:
    """Mark a notice and all shown before it as read; what came in since stays unread."""
    marked = read_notices_up_to(body["up_to_id"], by=caller())
    return {"marked": marked, "unread": unread_of(caller().person_id)}


@blp.get("/me/notice-settings")
@may_call(SIGNED_IN)
@blp.response(200, NoticeSettingsSchema)
def get_notice_settings() -> NoticeSettings:
    """The caller's quiet hours, and what they do not want to be told of."""
    return notice_settings_of(caller().person_id)


@blp.patch("/me/notice-settings")
@may_call(SIGNED_IN)
@blp.arguments(NoticeSettingsChangeSchema)
@blp.response(200, NoticeSettingsSchema)
def patch_notice_settings(changes: dict[str, Any]) -> NoticeSettings:
    """Change the caller's quiet hours and muted notices; urgent ones cannot be muted."""
    return change_notice_settings(changes, by=caller())
