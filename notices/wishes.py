"""Wishes of people about notices: asked for before telling, shown to them, and changed by them."""

from typing import Any

from notices.notice_settings import NoticeSettings
from notices.templates import TEMPLATES
from people import Actor
from shared.errors import Invalid
from shared.i18n import Text


class NotMutable(Invalid):
    """Raised when what is to be muted is no notice, or one that is urgent."""

    message = Text(
        "“{notice}” cannot be muted: it is urgent or unknown.",
        "“{notice}”为紧急通知或不存在，无法关闭。",
    )


def notice_settings_of(person_id: str) -> NoticeSettings:
    """The person's wishes; the usual ones where they never said any."""
    found: NoticeSettings | None = NoticeSettings.objects.with_id(person_id)
    return found or NoticeSettings(id=person_id)


def settings_of_all(person_ids: list[str]) -> dict[str, NoticeSettings]:
    """Each person's wishes, by person id."""
    said = {one.id: one for one in NoticeSettings.objects(id__in=person_ids)}
    return {one: said.get(one) or NoticeSettings(id=one) for one in person_ids}


def change_notice_settings(changes: dict[str, Any], *, by: Actor) -> NoticeSettings:
    """Change the caller's own wishes; what is left out stays, repeating changes nothing.

    `changes` are `quiet_from_minute`, `quiet_until_minute` and `muted`. Raises NotMutable.
    """
    for place, name in enumerate(changes.get("muted", [])):
        if name not in TEMPLATES or TEMPLATES[name].urgent:
            raise NotMutable(f"muted.{place}", notice=name)
    wishes = dict(changes)
    if "muted" in wishes:
        wishes["muted"] = sorted(set(wishes["muted"]))
    if wishes:
        changed = {f"set__{field}": value for field, value in wishes.items()}
        NoticeSettings.objects(id=by.person_id).update_one(upsert=True, **changed)
    return notice_settings_of(by.person_id)
