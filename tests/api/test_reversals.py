"""Reversals over HTTP: for the rate admins of the whole city, two of them where it is much."""

from datetime import timedelta

import pytest
from city_world import Caller
from shop_world import Shop

from ledger import (
    EntryKind,
    Leg,
    NewEntry,
    balance_of,
    budget,
    close_month,
    issued,
    owed,
    post_one,
    voucher,
    wallet,
)
from people import Role
from shared.clock import business_month, business_month_start, real_now
from shared.ids import new_id

SMALL, LARGE = 10, 2_000
LATER = timedelta(minutes=10)
LONG_AGO = timedelta(days=40)


@pytest.fixture
def called(app):
    """`called(role)` is somebody who holds the role at the root, or at the unit named."""
    shop = Shop(app)

    def call(role, at="district"):
        one = shop.caller(role, getattr(shop, at))
        return Caller(app, {"access_token": one.token, "person_id": one.person_id})

    return call


@pytest.fixture
def officer(called):
    return called(Role.RATE_ADMIN)


@pytest.fixture
def second(called):
    return called(Role.RATE_ADMIN)


@pytest.fixture
def auditor(called):
    return called(Role.AUDITOR)


def rewarded(coins, **more):
    """The id of a reward of so many coins to p1."""
    purse, about = budget("street", 2026), ("participation", new_id())
    for kind, source, target in (
        (EntryKind.BUDGET_GRANT, issued("350102", 2026), purse),
        (EntryKind.REWARD, purse, wallet("p1")),
    ):
        legs = [Leg(source, -coins), Leg(target, coins)]
        entry_id = post_one(NewEntry(f"test:{new_id()}", kind, legs, about, **more))
    return entry_id


def wish(**changes):
    return {"reason": "fraud", "effective_at": real_now().isoformat(), **changes}


def path_of(entry_id, rest=""):
    return f"/entries/{entry_id}/reversal{rest}"


def decided(caller, entry_id, how, version=1):
    """The answer to an approval or a refusal of the version that was seen."""
    return caller.call("POST", path_of(entry_id, f"/{how}"), **{"If-Match": str(version)})


def refused(answer):
    return answer.status_code, answer.json["code"]


class TestWhoMay:
    def test_reverse_is_a_rate_admin_of_the_whole_city(self, called, auditor):
        entry_id = rewarded(SMALL)
        strangers = [auditor, called(Role.CENTRE_OFFICER), called(Role.RATE_ADMIN, at="point")]
        for caller in strangers:
            assert caller.post(path_of(entry_id), wish()).status_code == 403
            for how in ("approval", "refusal"):
                assert decided(caller, entry_id, how).status_code == 403
        assert balance_of(wallet("p1")) == SMALL

    def test_look_is_an_auditor_too(self, called, officer, auditor):
        entry_id = rewarded(SMALL)
        strangers = [called(Role.CENTRE_OFFICER), called(Role.AUDITOR, at="point")]
        for path in (f"/entries/{entry_id}", "/reversals"):
            assert [one.get(path).status_code for one in (officer, auditor)] == [200, 200]
            assert [one.get(path).status_code for one in strangers] == [403, 403]


class TestASmallOne:
    def test_is_posted_at_once_and_the_repeat_hears_the_same(self, officer):
        entry_id, words = rewarded(SMALL), wish()
        answer = officer.post(path_of(entry_id), words)
        assert answer.status_code == 201, answer.json
        said = answer.json
        assert (said["state"], said["amount"], said["currency"]) == ("posted", SMALL, "FUB")
        assert (said["asked_by"], said["decided_by"]) == (officer.person_id, None)
        assert balance_of(wallet("p1")) == 0
        again = officer.post(path_of(entry_id), words)
        assert (again.status_code, again.json) == (201, said)

    def test_puts_what_is_spent_on_what_is_owed(self, officer):
        entry_id = rewarded(SMALL)
        legs = [Leg(wallet("p1"), -4), Leg(voucher("v1"), 4)]
        post_one(NewEntry("order:v1", EntryKind.ORDER, legs, ("voucher", "v1")))
        said = officer.post(path_of(entry_id), wish()).json
        legs = officer.get(f"/entries/{said['reversal_id']}").json["legs"]
        assert {leg["account"]: leg["amount"] for leg in legs} == {
            wallet("p1"): -6,
            owed("p1"): -4,
            budget("street", 2026): 10,
        }

    def test_shows_at_the_entry(self, officer, auditor):
        entry_id = rewarded(SMALL)
        before = auditor.get(f"/entries/{entry_id}").json
        assert (before["reversed_by"], before["reversal"]) == (None, None)
        said = officer.post(path_of(entry_id), wish()).json
        after = auditor.get(f"/entries/{entry_id}").json
        assert after == before | {"reversed_by": said["reversal_id"], "reversal": said}
        undone = auditor.get(f"/entries/{said['reversal_id']}").json
        assert (undone["reverses"], undone["reason"]) == (entry_id, "fraud")
        assert (undone["kind"], undone["about"]) == ("reversal", before["about"])


class TestALargeOne:
    def test_waits_is_listed_and_is_posted_by_a_second_officer(self, officer, second, auditor):
        entry_id, words = rewarded(LARGE), wish()
        asked = officer.post(path_of(entry_id), words)
        assert (asked.status_code, asked.json["state"]) == (202, "waiting")
        assert officer.post(path_of(entry_id), words).status_code == 202
        assert auditor.get("/reversals").json == {"items": [asked.json], "next_cursor": None}
        assert refused(decided(officer, entry_id, "approval")) == (409, "SameOfficer")
        done = decided(second, entry_id, "approval")
        assert (done.status_code, done.json["state"]) == (201, "posted")
        assert (done.json["asked_by"], done.json["decided_by"]) == (
            officer.person_id,
            second.person_id,
        )
        assert decided(second, entry_id, "approval").json == done.json
        assert officer.post(path_of(entry_id), words).json == done.json
        assert balance_of(wallet("p1")) == 0
        assert auditor.get("/reversals").json["items"] == []
        assert auditor.get("/reversals?state=posted").json["items"] == [done.json]

    def test_is_declined_and_asked_for_anew(self, officer, second):
        entry_id, words = rewarded(LARGE), wish()
        officer.post(path_of(entry_id), words)
        declined = decided(second, entry_id, "refusal")
        assert (declined.status_code, declined.json["state"]) == (201, "declined")
        assert decided(second, entry_id, "refusal").json == declined.json
        repeated = officer.post(path_of(entry_id), words)
        assert (repeated.status_code, repeated.json) == (200, declined.json)
        anew = officer.post(path_of(entry_id), wish(reason="duplicate"))
        assert (anew.status_code, anew.json["version"]) == (202, 3)
        assert refused(decided(second, entry_id, "approval", 1)) == (409, "ReversalDecided")
        assert decided(second, entry_id, "approval", 3).status_code == 201

    def test_is_decided_by_who_says_which_version_they_saw(self, officer, second):
        entry_id = rewarded(LARGE)
        officer.post(path_of(entry_id), wish())
        assert second.post(path_of(entry_id, "/approval")).status_code == 422

    def test_is_one_of_many_on_pages(self, officer, auditor):
        entry_ids = [rewarded(LARGE) for _ in range(3)]
        for entry_id in entry_ids:
            officer.post(path_of(entry_id), wish())
        first = auditor.get("/reversals?limit=2").json
        rest = auditor.get(f"/reversals?limit=2&cursor={first['next_cursor']}").json
        assert [one["entry_id"] for one in first["items"] + rest["items"]] == entry_ids
        assert rest["next_cursor"] is None


class TestRefusals:
    def test_say_what_stands_in_the_way(self, officer, second):
        entry_id = rewarded(LARGE)
        assert refused(decided(second, entry_id, "approval")) == (404, "ReversalNotFound")
        for path in (path_of(new_id()), path_of("no-id")):
            assert refused(officer.post(path, wish())) == (404, "EntryNotFound")
        assert refused(officer.get(f"/entries/{new_id()}")) == (404, "EntryNotFound")
        ahead = wish(effective_at=(real_now() + LATER).isoformat())
        assert refused(officer.post(path_of(entry_id), ahead)) == (409, "DatedInFuture")
        early = wish(effective_at=(real_now() - LATER).isoformat())
        assert refused(officer.post(path_of(entry_id), early)) == (409, "NotBeforeTheEntry")
        officer.post(path_of(entry_id), wish())
        assert refused(second.post(path_of(entry_id), wish())) == (409, "ReversalWaiting")
        said = decided(second, entry_id, "approval").json
        assert refused(second.post(path_of(entry_id), wish())) == (409, "AlreadyReversed")
        assert refused(officer.post(path_of(said["reversal_id"]), wish())) == (409, "CannotReverse")

    def test_say_that_the_month_is_closed(self, officer):
        closing = business_month_start(business_month(real_now())) - LATER
        entry_id = rewarded(SMALL, effective_at=closing - LONG_AGO)
        close_month(business_month(closing), by_id="o9")
        answer = officer.post(path_of(entry_id), wish(effective_at=closing.isoformat()))
        assert refused(answer) == (409, "MonthClosed")

    @pytest.mark.parametrize(
        "changes",
        [
            {"reason": "because"},
            {"reason": None},
            {"effective_at": "2026-10-01T00:00:00"},
            {"effective_at": "yesterday"},
            {"amount": 5},
        ],
    )
    def test_name_the_field(self, officer, changes):
        answer = officer.post(path_of(rewarded(SMALL)), wish(**changes))
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == list(changes)
        assert balance_of(wallet("p1")) == SMALL

    @pytest.mark.parametrize("query", ["state=gone", "cursor=made-up", "limit=0", "limit=101"])
    def test_name_the_part_of_a_query(self, auditor, query):
        answer = auditor.get(f"/reversals?{query}")
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [query.partition("=")[0]]
