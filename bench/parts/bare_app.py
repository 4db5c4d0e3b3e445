"""The yardstick: four requests of the loop in bare Flask and PyMongo, no library in between.

Each sends the commands that ours sends, in the same order. It reads no JWT, checks no schema,
measures no distance, packs no points, keeps no log: only what cannot be left out.
"""

import base64
import os
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import Int64, ObjectId
from flask import Flask, Response, abort, jsonify, request
from pymongo import MongoClient, ReturnDocument, UpdateOne, WriteConcern
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

URI_VARIABLE = "BENCH_BARE_URI"
# A claim may be taken back so soon after it, however near the task is.
SECOND_THOUGHTS = timedelta(minutes=10)
# Where a QR's signed record names its voucher, and how often a person is handed over in an hour.
VOUCHER_IN_RECORD = slice(13, 25)
MOST_FETCHED = 1_000
# What its queries and its guards need, named as (collection, keys, options).
INDEXES: list[tuple[str, list[tuple[str, Any]], dict[str, Any]]] = [
    (
        "tasks",
        [("state", 1), ("location", "2dsphere"), ("ends_at", 1), ("starts_at", 1)],
        {},
    ),
    ("track_chunks", [("participation_id", 1), ("upload_key", 1)], {"unique": True}),
    ("vouchers", [("person_id", 1), ("redeemed_at", 1)], {}),
    (
        "vouchers",
        [("redeemed_by", 1), ("scan_key", 1)],
        {"unique": True, "partialFilterExpression": {"scan_key": {"$type": "string"}}},
    ),
    ("entries", [("key", 1)], {"unique": True}),
]
CARD = (
    "unit_id",
    "place",
    "place_en",
    "kind",
    "title",
    "address",
    "location",
    "starts_at",
    "ends_at",
    "slots",
    "slots_left",
    "coins",
)


def connect(uri: str) -> Database:
    """The database of `uri` under the guarantees that ours asks for."""
    client: MongoClient = MongoClient(
        uri, tz_aware=True, w="majority", journal=True, readConcernLevel="majority"
    )
    return client.get_default_database()


def voucher_in(shown: str) -> str:
    """The id of the voucher that a QR's text names; whether it is genuine nobody asks here."""
    letters = shown.removeprefix("FX1")
    record = base64.b32decode(letters + "=" * (-len(letters) % 8))
    return record[VOUCHER_IN_RECORD].hex()


def bearer(person_id: str, session_id: str) -> str:
    """The token of a session here: nothing is signed, but the session is looked up."""
    return f"{person_id}.{session_id}"


def create_app(uri: str = "") -> Flask:
    """The bare application; the database is the one of `uri` or of BENCH_BARE_URI."""
    app = Flask("bare")
    db = connect(uri or os.environ[URI_VARIABLE])
    app.add_url_rule(
        "/api/v1/tasks/<task_id>/claims",
        "claim",
        lambda task_id: _claim(db, task_id),
        methods=["POST"],
    )
    app.add_url_rule(
        "/api/v1/participations/<participation_id>/track-points",
        "upload",
        lambda participation_id: _upload(db, participation_id),
        methods=["POST"],
    )
    app.add_url_rule("/api/v1/tasks/nearby", "nearby", lambda: _nearby(db))
    app.add_url_rule("/api/v1/voucher-scans", "scan", lambda: _scan(db), methods=["POST"])
    app.add_url_rule("/healthz", "healthz", lambda: jsonify(status="ok"))
    return app


def _person(db: Database) -> dict[str, Any]:
    """The caller behind the session; 401 where there is none."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    person_id, _, session_id = token.partition(".")
    live = {"id": session_id, "expires_at": {"$gt": datetime.now(UTC)}}
    found: dict[str, Any] | None = db.people.find_one(
        {"_id": person_id, "sessions": {"$elemMatch": live}},
        {"memberships.role": 1, "memberships.unit_id": 1},
    )
    return found or abort(401)


def _claim(db: Database, task_id: str) -> tuple[Response, int]:
    person_id = _person(db)["_id"]
    task = db.tasks.find_one({"_id": task_id}) or abort(404)
    person = db.people.find_one({"_id": person_id}) or abort(404)
    moment, participation_id = datetime.now(UTC), str(ObjectId())
    if any(claim["person_id"] == person_id for claim in task["claims"]):
        abort(409)
    if person.get("real_name_at") is None or task["ends_at"] <= moment or not task["slots_left"]:
        abort(409)
    hours = {"starts_at": task["starts_at"], "ends_at": task["ends_at"]}
    _reserve(db, person_id, {"participation_id": participation_id, "task_id": task_id, **hours})
    _take(db, task_id, participation_id, person_id)
    participation = {
        "task_id": task_id,
        "unit_id": task["unit_id"],
        "person_id": person_id,
        "state": "claimed",
        **hours,
        "kind": task["kind"],
        "coins": task["coins"],
        "on_duty": False,
        "claimed_at": moment,
        **_lease(task, moment),
        "points": 0,
        "sent": 0,
        "verdicts": [],
        "settled": False,
    }
    made = db.participations.find_one_and_update(
        {"_id": participation_id},
        {"$setOnInsert": participation},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    return jsonify(made), 201


def _lease(task: dict[str, Any], moment: datetime) -> dict[str, datetime]:
    """How long the slot is held, and until when it may be given up without a mark."""
    held_until = max(task["starts_at"], moment) + timedelta(minutes=task["hold_minutes"])
    free_until = task["starts_at"] - timedelta(minutes=task["free_until_minutes"])
    return {
        "held_until": min(held_until, task["ends_at"]),
        "free_until": max(free_until, moment + SECOND_THOUGHTS),
    }


def _reserve(db: Database, person_id: str, engagement: dict[str, Any]) -> None:
    """Put the hours into the person's agenda; 409 where they overlap."""
    overlap = {
        "starts_at": {"$lt": engagement["ends_at"]},
        "ends_at": {"$gt": engagement["starts_at"]},
    }
    engagement = {**engagement, "reserved_at": datetime.now(UTC), "confirmed": False}
    try:
        db.agendas.update_one(
            {"_id": person_id, "engagements": {"$not": {"$elemMatch": overlap}}},
            {"$push": {"engagements": engagement}},
            upsert=True,
        )
    except DuplicateKeyError:
        abort(409)


def _take(db: Database, task_id: str, participation_id: str, person_id: str) -> None:
    """Take a slot of the task; 409 where none is left."""
    moment = datetime.now(UTC)
    claim = {"participation_id": participation_id, "person_id": person_id, "claimed_at": moment}
    taken = db.tasks.update_one(
        {
            "_id": task_id,
            "state": "published",
            "ends_at": {"$gt": moment},
            "slots_left": {"$gt": 0},
            "claims.person_id": {"$ne": person_id},
            "waiting.0": {"$exists": False},
        },
        {"$push": {"claims": claim}, "$inc": {"slots_left": -1}},
    )
    if not taken.modified_count:
        abort(409)


def _upload(db: Database, participation_id: str) -> tuple[Response, int]:
    person_id = _person(db)["_id"]
    sent = request.get_json()
    found = db.participations.find_one(
        {"_id": participation_id, "person_id": person_id},
        {"state": 1, "started_at": 1, "sent": 1},
    )
    if found is None or found["state"] != "started":
        abort(404)
    received_at = datetime.now(UTC)
    try:
        db.track_chunks.insert_one(
            {
                "_id": str(ObjectId()),
                "participation_id": participation_id,
                "upload_key": sent["upload_key"],
                "datum": sent["datum"],
                "points": sent["points"],
                "n": len(sent["points"]),
                "received_at": received_at,
            }
        )
    except DuplicateKeyError:
        abort(409)
    count = len(sent["points"])
    # As ours: the chunk is what must last, the count need not be waited for.
    counted = db.participations.with_options(write_concern=WriteConcern(w=1, j=False))
    counted.update_one(
        {"_id": participation_id, "state": "started"}, {"$inc": {"points": count, "sent": count}}
    )
    answer = {"upload_key": sent["upload_key"], "accepted": len(sent["points"])}
    return jsonify({**answer, "received_at": received_at}), 201


def _nearby(db: Database) -> Response:
    _person(db)
    limit = int(request.args["limit"])
    place = [float(request.args["lon"]), float(request.args["lat"])]
    near = {
        "$geometry": {"type": "Point", "coordinates": place},
        "$maxDistance": float(request.args["radius_m"]),
    }
    open_tasks = {
        "state": "published",
        "location": {"$nearSphere": near},
        "ends_at": {"$gt": datetime.now(UTC)},
        "slots_left": {"$gt": 0},
    }
    # Ours reads ahead like this to order by the exact distance: the same documents come over.
    found = db.tasks.find(open_tasks, dict.fromkeys(CARD, 1), batch_size=limit + 4)
    return jsonify(items=[card for card, _ in zip(found, range(limit), strict=False)])


def _scan(db: Database) -> tuple[Response, int]:
    clerk = _person(db)
    sent = request.get_json()
    point = db.units.find_one({"_id": sent["point_id"]}) or abort(404)
    roles = [(held["role"], held["unit_id"]) for held in clerk["memberships"]]
    if not any(role == "clerk" and unit_id in point["lineage"] for role, unit_id in roles):
        abort(403)
    moment = datetime.now(UTC)
    _count(db, point["_id"], moment)
    shown = db.vouchers.find_one({"_id": voucher_in(sent["code"])}) or abort(404)
    if _fetched(db, shown["person_id"], moment) >= MOST_FETCHED:
        abort(429)
    redeemed = db.vouchers.find_one_and_update(
        {
            "_id": shown["_id"],
            "state": "issued",
            "point_id": point["_id"],
            "person_id": shown["person_id"],
            "expires_at": {"$gt": moment},
        },
        {
            "$set": {
                "state": "redeemed",
                "redeemed_at": moment,
                "redeemed_by": clerk["_id"],
                "redeemed_point_id": point["_id"],
                "point_key_id": None,
                "scan_key": request.headers["Idempotency-Key"],
            },
            "$addToSet": {"untold": "fetched"},
        },
        return_document=ReturnDocument.AFTER,
    )
    if redeemed is None:
        abort(409)
    entry_id = _post(db, redeemed)
    db.vouchers.update_one({"_id": redeemed["_id"]}, {"$set": {"settled_entry_id": entry_id}})
    reward = db.rewards.find_one({"_id": redeemed["reward_id"]})
    return jsonify(
        voucher=redeemed, reward=reward, point=db.units.find_one({"_id": point["_id"]})
    ), 201


def _count(db: Database, point_id: str, moment: datetime) -> None:
    """Count a try at the desk of a point; as ours, it need not outlive a crash."""
    desks = db.scan_desks.with_options(write_concern=WriteConcern(w=1, j=False))
    minute = int(moment.timestamp()) // 60
    goes_on = {"$eq": ["$windows.60.number", minute]}
    tries = {"$cond": [goes_on, {"$add": ["$windows.60.tries", 1]}, 1]}
    desks.find_one_and_update(
        {"_id": point_id},
        [{"$set": {"windows": {"60": {"number": minute, "tries": tries}}}}],
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )


def _fetched(db: Database, person_id: str, moment: datetime) -> int:
    """How much the person was handed over in the last hour."""
    lately = {"person_id": person_id, "redeemed_at": {"$gt": moment - timedelta(hours=1)}}
    found = db.vouchers.find(lately, {"_id": 0, "redeemed_at": 1})
    return len(list(found.sort("redeemed_at", -1).limit(MOST_FETCHED)))


def _post(db: Database, redeemed: dict[str, Any]) -> str:
    """Move the voucher's coins to its point's account: the entry and two balances at once."""
    entry_id, moment = str(ObjectId()), datetime.now(UTC)
    moves = [
        (f"merchant:{redeemed['redeemed_point_id']}", redeemed["price"]),
        (f"voucher:{redeemed['_id']}", -redeemed["price"]),
    ]
    entry = {
        "_id": entry_id,
        "key": f"redemption:{redeemed['_id']}",
        "kind": "redemption",
        "legs": [
            {"account": account, "currency": "FUB", "amount": Int64(amount)}
            for account, amount in moves
        ],
        "about": {"kind": "voucher", "id": redeemed["_id"]},
        "effective_at": redeemed["redeemed_at"],
        "posted_at": moment,
        "unit": redeemed["redeemed_point_id"],
    }
    updates = [
        UpdateOne(
            {"_id": f"{account}|FUB"},
            {"$inc": {"posted": Int64(amount), "entries": Int64(1)}},
            upsert=True,
        )
        for account, amount in moves
    ]

    def decide(session: ClientSession) -> None:
        db.entries.insert_one(entry, session=session)
        db.balances.bulk_write(updates, ordered=True, session=session)

    with db.client.start_session() as session:
        session.with_transaction(
            decide,
            read_concern=ReadConcern("snapshot"),
            write_concern=WriteConcern("majority", j=True),
        )
    return entry_id
