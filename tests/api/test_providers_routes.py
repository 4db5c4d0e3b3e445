"""Providers over HTTP: put and rotated, watched, reconciled, settled by two officers."""

from datetime import timedelta

import pytest
from shop_world import Shop

from catalog import Provider, TopUpDelivery, Voucher
from ledger import balance_of, merchant
from people import Role, Unit, UnitKind
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id

SECRET = "a secret that both sides hold, 40 letters"


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def root(shop):
    """The district's own root is the whole city here: its admin puts providers."""
    return Unit.objects.get(id=shop.district.lineage[0])


@pytest.fixture
def admin(shop, root):
    return shop.caller(Role.ADMIN, root)


@pytest.fixture
def terms(shop):
    return {
        "name": {"en": "Sandbox", "zh": "沙盒"},
        "point_id": shop.point.id,
        "base_url": "http://127.0.0.1:9",
        "secret": SECRET,
        "timeout_s": 1,
    }


def put(caller, body, *, seen=0, provider_id="sandbox"):
    client, headers = caller.app.test_client(), {"Authorization": f"Bearer {caller.token}"}
    headers |= {"If-Match": str(seen), "Accept-Language": "en"}
    return client.put(f"/api/v1/providers/{provider_id}", json=body, headers=headers)


@pytest.fixture
def provider(admin, terms):
    return put(admin, terms).json


def test_a_provider_is_put_and_changed_and_its_secret_never_shown(admin, terms, shop):
    made = put(admin, terms)
    assert (made.status_code, made.json["version"]) == (200, 1)
    assert put(admin, terms).json["version"] == 1, "the same again changes nothing"
    rotated = put(admin, terms | {"secret": SECRET[::-1]}, seen=1)
    assert rotated.json["version"] == 2
    shown = shop.officer.get("/providers/sandbox")
    assert all("secret" not in answer.get_data(as_text=True) for answer in (made, rotated, shown))
    kept = collection(Provider).find_one({"_id": "sandbox"})
    assert SECRET not in str(kept)
    assert len(kept["old_secrets"]) == 1


@pytest.mark.parametrize(
    ("change", "seen", "code"),
    [
        ({"base_url": "http://example.com"}, 0, "BadWebhookUrl"),
        ({"base_url": "https://a.example.com/?x=1"}, 0, "ProviderInvalid"),
        ({"secret": None}, 0, "SecretNeeded"),
        ({"point_id": new_id()}, 0, "UnitNotFound"),
        ({}, 7, "ProviderNotFound"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(admin, terms, change, seen, code):
    assert put(admin, terms | change, seen=seen).json["code"] == code


def test_a_change_of_what_was_changed_meanwhile_is_refused(admin, terms, provider, shop):
    put(admin, terms | {"timeout_s": 3}, seen=1)
    assert put(admin, terms | {"timeout_s": 4}, seen=1).json["code"] == "ProviderChanged"
    moved = put(admin, terms | {"point_id": shop.far_point.id}, seen=2)
    assert moved.json["code"] == "ProviderPointFixed"


def test_an_id_is_a_slug(admin, terms):
    assert put(admin, terms, provider_id="No_Slug").json["code"] == "ProviderInvalid"


def test_only_an_admin_of_the_whole_city_puts_and_only_its_officers_watch(shop, terms, provider):
    assert put(shop.officer, terms).status_code == 403
    assert put(shop.clerk, terms).status_code == 403
    assert shop.clerk.get("/providers/sandbox").status_code == 403
    elsewhere = Unit(id=new_id(), kind=UnitKind.CIVIL, name="东街街道", code=new_id())
    elsewhere.parent_id = shop.district.id
    elsewhere.lineage = [shop.district.id, elsewhere.id]
    stranger = shop.caller(Role.CENTRE_OFFICER, elsewhere.save())
    assert stranger.get("/providers/sandbox").status_code == 403
    assert stranger.get("/providers").json["items"] == []
    assert [one["id"] for one in shop.officer.get("/providers").json["items"]] == ["sandbox"]


@pytest.fixture
def resident(shop):
    return shop.resident(1_000)


@pytest.fixture
def in_doubt(shop, provider, resident):
    """A delivery that was sent four days ago, nobody knows what became of it; its id."""
    body = {"unit_id": shop.district.id, "title": "5GB 流量包", "price": 100, "validity_days": 30}
    body |= {"kind": "top_up", "provider_id": "sandbox", "product": "data-5gb"}
    reward_id = shop.officer.post("/rewards", body).json["id"]
    shop.officer.put(f"/rewards/{reward_id}/stocks/{shop.point.id}", {"supplied": 5})
    shop.officer.post(f"/rewards/{reward_id}/offer")
    wish = {"recipient_phone": "13800138000"}
    voucher_id = resident.post(f"/rewards/{reward_id}/orders", wish).json["id"]
    collection(Voucher).update_one({"_id": voucher_id}, {"$set": {"state": "delivering"}})
    sent = {"state": "sent", "in_doubt": True, "sent_at": real_now() - timedelta(days=4)}
    collection(TopUpDelivery).update_one({"_id": voucher_id}, {"$set": sent})
    return voucher_id


def test_its_owner_and_officers_see_a_delivery_with_its_phone_masked(shop, in_doubt, resident):
    for caller in (resident, shop.officer):
        shown = caller.get(f"/deliveries/{in_doubt}")
        assert (shown.status_code, shown.json["recipient"]) == (200, "138****8000")
    assert shop.resident(0).get(f"/deliveries/{in_doubt}").status_code == 404
    listed = shop.officer.get("/providers/sandbox/deliveries", state="sent").json
    assert [one["id"] for one in listed["items"]] == [in_doubt]
    kept = collection(TopUpDelivery).find_one({"_id": in_doubt})
    assert "13800138000" not in str(kept)


@pytest.mark.parametrize(("outcome", "paid"), [("delivered", 100), ("refused", 0)])
def test_two_officers_settle_by_hand_once(shop, in_doubt, outcome, paid):
    path, said = (
        f"/deliveries/{in_doubt}/settlement",
        {"outcome": outcome, "reference": "letter-17"},
    )
    second = shop.caller(Role.CENTRE_OFFICER, shop.district)
    first = shop.officer.post(path, said)
    assert (first.status_code, first.json["state"]) == (200, "sent")
    assert shop.officer.post(path, said).json["state"] == "sent", "one officer is not two"
    other = second.post(path, said | {"reference": "letter-18"})
    assert other.json["code"] == "OtherProposal"
    ended = second.post(path, said)
    assert ended.json["state"] == ("delivered" if paid else "refunded")
    assert second.post(path, said).json["state"] == ended.json["state"]
    contrary = {"outcome": "refused" if paid else "delivered", "reference": "letter-17"}
    assert shop.officer.post(path, contrary).json["code"] == "DeliveryEnded"
    assert balance_of(merchant(shop.point.id)) == paid


def test_what_can_still_be_asked_is_not_settled_by_hand(shop, in_doubt):
    collection(TopUpDelivery).update_one({"_id": in_doubt}, {"$set": {"sent_at": real_now()}})
    said = {"outcome": "refused", "reference": "letter-17"}
    answer = shop.officer.post(f"/deliveries/{in_doubt}/settlement", said)
    assert (answer.status_code, answer.json["code"]) == (409, "NotInDoubt")


def test_a_file_is_brought_and_read_again(shop, in_doubt):
    day = (real_now() - timedelta(days=2)).date().isoformat()
    text = "key,status,reference,delivered_at,product\r\n"
    text += f"{in_doubt},delivered,r-1,{day}T01:00:00Z,data-5gb\r\n"
    sent = {"data": text.encode(), "content_type": "text/csv", "query_string": {"day": day}}
    report = shop.officer.call("POST", "/providers/sandbox/reconciliations", **sent)
    assert (report.status_code, report.json["counts"]) == (201, {"needs_second_officer": 1})
    assert report.json["completed_at"]
    assert balance_of(merchant(shop.point.id)) == 0
    second = shop.caller(Role.CENTRE_OFFICER, shop.district)
    agreed = second.call("POST", "/providers/sandbox/reconciliations", **sent)
    assert agreed.json["counts"] == {"resolves": 1}
    listed = shop.officer.get("/providers/sandbox/reconciliations").json["items"]
    assert [one["id"] for one in listed] == [agreed.json["id"], report.json["id"]]
    one = shop.officer.get(f"/providers/sandbox/reconciliations/{agreed.json['id']}").json
    assert [line["verdict"] for line in one["lines"]] == ["resolves"]
    assert balance_of(merchant(shop.point.id)) == 100
    assert shop.officer.get("/providers/sandbox/discrepancies").json["items"] == []
    bad = shop.officer.call("POST", "/providers/sandbox/reconciliations", **sent | {"data": b"?"})
    assert (bad.status_code, bad.json["code"]) == (422, "BadReconciliation")
    ours = shop.officer.get("/providers/sandbox/deliveries.csv", day="2020-01-01")
    assert ours.get_data(as_text=True).startswith("key,state,reference")


def test_a_file_larger_than_other_bodies_is_taken_and_one_beyond_its_own_limit_is_not(
    shop, in_doubt
):
    day = (real_now() - timedelta(days=2)).date().isoformat()
    header = "key,status,reference,delivered_at,product\r\n"
    line = f"{'0' * 24},pending,{'r' * 80},{day}T01:00:00Z,data-5gb\r\n"
    sent = {"content_type": "text/csv", "query_string": {"day": day}}
    path = "/providers/sandbox/reconciliations"
    data = (header + line * (1_100_000 // len(line))).encode()
    assert shop.officer.call("POST", path, data=data, **sent).status_code == 201
    data = (header + line * (10_100_000 // len(line))).encode()
    assert shop.officer.call("POST", path, data=data, **sent).status_code == 413


def test_call_backs_are_limited_like_other_open_routes(shop, in_doubt):
    answer = shop.officer.post(
        "/provider-callbacks/sandbox", {"event": "e", "key": "k", "status": "pending"}
    )
    assert answer.status_code == 401
    assert answer.headers["X-RateLimit-Limit"] == "1200"


def test_a_discrepancy_is_closed_with_words(shop, in_doubt):
    day = (real_now() - timedelta(days=2)).date().isoformat()
    text = "key,status,reference,delivered_at,product\r\n"
    text += f"{'0' * 24},delivered,r-1,{day}T01:00:00Z,data-5gb\r\n"
    sent = {"data": text.encode(), "content_type": "text/csv", "query_string": {"day": day}}
    shop.officer.call("POST", "/providers/sandbox/reconciliations", **sent)
    (noted,) = shop.officer.get("/providers/sandbox/discrepancies").json["items"]
    assert (noted["kind"], noted["source"]) == ("unknown_key", "file_by_hand")
    path = f"/providers/sandbox/discrepancies/{noted['id']}/closing"
    assert shop.officer.post(path, {"words": " "}).status_code == 422
    closed = shop.officer.post(path, {"words": "a test order of theirs"}).json
    assert (closed["closing_words"], bool(closed["cleared_at"])) == ("a test order of theirs", True)
