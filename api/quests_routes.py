"""Quests over HTTP: found with one's own progress, drafted, opened and withdrawn by a centre."""

from typing import Any

from api.blueprint import Blueprint
from api.common_schemas import PageQuerySchema
from api.errors import documents
from api.headers import IdempotencyKeySchema, IfMatchSchema
from api.quests_schemas import (
    NewQuestSchema,
    QuestContentSchema,
    QuestPageSchema,
    QuestSchema,
    QuestsQuerySchema,
    QuestWithdrawalSchema,
)
from api.signing_in import SIGNED_IN, caller, may_call
from honours import (
    QuestPage,
    SeenQuest,
    change_quest,
    draft_quest,
    open_quest,
    quests_for,
    quests_of_unit,
    seen_quest,
    withdraw_quest,
)
from people import Role

blp = Blueprint("quests", __name__, description="Quests over several tasks and places · 主题行动")


@blp.get("/quests")
@may_call(SIGNED_IN)
@documents(404)
@blp.arguments(QuestsQuerySchema, location="query")
@blp.response(200, QuestPageSchema)
def list_quests(query: dict[str, Any]) -> QuestPage:
    """The quests open or announced where the caller belongs or worked, soonest to end first."""
    return quests_for(**query, by=caller())


@blp.post("/quests")
@may_call(Role.CENTRE_OFFICER)
@documents(404, 409)
@blp.arguments(NewQuestSchema)
@blp.arguments(IdempotencyKeySchema, location="headers")
@blp.response(201, QuestSchema)
def post_quest(content: dict[str, Any], header: dict[str, Any]) -> SeenQuest:
    """Draft a quest of a unit."""
    unit_id = content.pop("unit_id")
    made = draft_quest(unit_id, content, **header, by=caller())
    return seen_quest(made.id, by=caller())


@blp.get("/quests/<string:quest_id>")
@may_call(SIGNED_IN)
@documents(404)
@blp.response(200, QuestSchema)
def get_quest(quest_id: str) -> SeenQuest:
    """One quest; drafts only for staff of its unit."""
    return seen_quest(quest_id, by=caller())


@blp.patch("/quests/<string:quest_id>")
@may_call(Role.CENTRE_OFFICER)
@documents(404, 409)
@blp.arguments(IfMatchSchema, location="headers")
@blp.arguments(QuestContentSchema)
@blp.response(200, QuestSchema)
def patch_quest(seen: dict[str, Any], content: dict[str, Any], quest_id: str) -> SeenQuest:
    """Write a draft anew; an open quest stays as it is."""
    change_quest(quest_id, content, version=seen["version"], by=caller())
    return seen_quest(quest_id, by=caller())


@blp.post("/quests/<string:quest_id>/opening")
@may_call(Role.CENTRE_OFFICER)
@documents(404, 409)
@blp.response(200, QuestSchema)
def post_quest_opening(quest_id: str) -> SeenQuest:
    """Open a draft for everybody."""
    open_quest(quest_id, by=caller())
    return seen_quest(quest_id, by=caller())


@blp.post("/quests/<string:quest_id>/withdrawal")
@may_call(Role.CENTRE_OFFICER)
@documents(404)
@blp.arguments(QuestWithdrawalSchema)
@blp.response(200, QuestSchema)
def post_quest_withdrawal(content: dict[str, Any], quest_id: str) -> SeenQuest:
    """End a quest before its time; who completed it keeps that."""
    withdraw_quest(quest_id, **content, by=caller())
    return seen_quest(quest_id, by=caller())


@blp.get("/units/<string:unit_id>/quests")
@may_call(Role.CENTRE_OFFICER, Role.ADMIN, Role.AUDITOR)
@documents(404)
@blp.arguments(PageQuerySchema, location="query")
@blp.response(200, QuestPageSchema)
def list_quests_of_unit(query: dict[str, Any], unit_id: str) -> QuestPage:
    """All quests of a unit and of those below it, drafts and past ones too."""
    return quests_of_unit(unit_id, **query, by=caller())
