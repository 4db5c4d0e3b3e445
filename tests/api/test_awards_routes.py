"""Rewards in kind over HTTP: by whom, for what, and the second officer above a bound."""

from datetime import timedelta

import pytest
from shop_world import Shop

from fixtures.factories import put_card
from ledger import Currency, balance_of
from ledger import voucher as escrow_of
from people import Actor, Held, Role, card_of
from rates import budget_year_of, grant_fund, open_fund
from shared.clock import now
from tasks import Participation

FUND = "station"


@pytest.fixture
def shop(app):
    made = Shop(app)
    keeper = Actor("a" * 24, "s", (Held(Role.RATE_ADMIN, made.district.id),))
    open_fund(FUND, made.district.id, "站所奖励经费", by=keeper)
    grant_fund(FUND, budget_year_of(now()), 100_000, "文件", "grant-0001", by=keeper)
    return made


@pytest.fixture
def cup(shop):
    return shop.offered(price=0, title="水杯", cost_fen=3_000)


def wanted(shop, **more):
    matter = {"kind": "register", "id": "2026-001"}
    return {"point_id": shop.point.id, "fund": FUND, "matter": matter, **more}


def participation_of(person_id, unit, state):
    """A participation as it stands in that state."""
    return Participation(
        id="b" * 24,
        task_id="c" * 24,
        unit_id=unit.id,
        person_id=person_id,
        state=state,
        starts_at=now(),
        ends_at=now(),
        claimed_at=now(),
        coins=5,
    ).save(force_insert=True)


def test_an_award_reaches_the_persons_vouchers_and_repeats_the_same(shop, cup):
    helper = shop.resident()
    body = wanted(shop, person_id=helper.person_id)
    first = shop.officer.post(f"/rewards/{cup}/awards", body, key="award-0001")
    again = shop.officer.post(f"/rewards/{cup}/awards", body, key="award-0001")
    assert (first.status_code, first.json["state"]) == (201, "approved")
    assert again.json == first.json
    (held,) = helper.get("/me/vouchers").json["items"]
    assert (held["id"], held["price"]) == (first.json["voucher_id"], 0)
    assert (held["is_award"], held["unused"], held["can_be_given"]) == (True, "award", False)
    assert held["code"]
    assert balance_of(escrow_of(held["id"]), Currency.CNY) == 3_000


def test_the_person_may_be_named_by_card(shop, cup):
    helper = shop.resident()
    card = card_of(helper.person_id, by=Actor(helper.person_id)).code
    answer = shop.officer.post(f"/rewards/{cup}/awards", wanted(shop, card=card))
    assert answer.json["person_id"] == helper.person_id


def test_of_a_participation_the_person_is_who_took_part_once_it_is_verified(shop, cup):
    helper = shop.resident()
    work = participation_of(helper.person_id, shop.district, "finished")
    body = wanted(shop, matter={"kind": "participation", "id": work.id})
    early = shop.officer.post(f"/rewards/{cup}/awards", body)
    assert (early.status_code, early.json["code"]) == (409, "WorkNotVerified")
    Participation.objects(id=work.id).update(set__state="verified")
    answer = shop.officer.post(f"/rewards/{cup}/awards", body)
    assert (answer.status_code, answer.json["person_id"]) == (201, helper.person_id)
    assert answer.json["matter"] == f"participation:{work.id}"
    unknown = wanted(shop, matter={"kind": "participation", "id": "d" * 24})
    assert shop.officer.post(f"/rewards/{cup}/awards", unknown).status_code == 404


def test_exactly_one_person_is_named(shop, cup):
    helper, work = shop.resident(), {"kind": "participation", "id": "b" * 24}
    bodies = [
        wanted(shop),
        wanted(shop, person_id=helper.person_id, card="x"),
        wanted(shop, person_id=helper.person_id, matter=work),
        wanted(shop, person_id=helper.person_id, matter={"kind": "case", "id": "a b"}),
        wanted(shop, person_id=helper.person_id, matter={"kind": "case", "id": "a\n"}),
        wanted(shop, person_id=helper.person_id, matter={"kind": "gift", "id": "1"}),
        wanted(shop, person_id=helper.person_id, fund=""),
    ]
    for body in bodies:
        assert shop.officer.post(f"/rewards/{cup}/awards", body).status_code == 422, body


def test_above_the_bound_it_waits_for_a_second_officer(shop):
    kettle, helper = shop.offered(price=0, cost_fen=20_001), shop.resident()
    second = shop.caller(Role.CENTRE_OFFICER, shop.district)
    body = wanted(shop, person_id=helper.person_id)
    asked = shop.officer.post(f"/rewards/{kettle}/awards", body)
    assert (asked.status_code, asked.json["state"]) == (202, "requested")
    waiting = second.get("/awards", unit_id=shop.district.id, state="requested").json["items"]
    assert [one["id"] for one in waiting] == [asked.json["id"]]
    path = f"/awards/{asked.json['id']}"
    alone = shop.officer.post(f"{path}/approval")
    assert (alone.status_code, alone.json["code"]) == (409, "SameAwardOfficer")
    approved = second.post(f"{path}/approval")
    assert (approved.status_code, approved.json["state"]) == (201, "approved")
    assert second.get(path).json == approved.json
    late = second.post(f"{path}/dismissal")
    assert (late.status_code, late.json["code"]) == (409, "AwardDecided")


def test_a_dismissed_wish_is_answered_as_it_stands(shop):
    kettle, helper = shop.offered(price=0, cost_fen=20_001), shop.resident()
    body = wanted(shop, person_id=helper.person_id)
    asked = shop.officer.post(f"/rewards/{kettle}/awards", body, key="award-0001")
    dismissed = shop.officer.post(f"/awards/{asked.json['id']}/dismissal")
    assert (dismissed.status_code, dismissed.json["state"]) == (201, "dismissed")
    again = shop.officer.post(f"/rewards/{kettle}/awards", body, key="award-0001")
    assert (again.status_code, again.json["state"]) == (200, "dismissed")


def test_an_award_is_withdrawn_and_the_same_wish_is_answered_as_ended(shop, cup):
    helper = shop.resident()
    body = wanted(shop, person_id=helper.person_id)
    given = shop.officer.post(f"/rewards/{cup}/awards", body, key="award-0001").json
    for _ in range(2):
        answer = shop.officer.post(f"/awards/{given['id']}/withdrawal")
        assert (answer.status_code, answer.json["state"]) == (201, "ended")
    (held,) = helper.get("/me/vouchers").json["items"]
    assert (held["state"], held["ended_reason"]) == ("cancelled", "award_withdrawn")
    again = shop.officer.post(f"/rewards/{cup}/awards", body, key="award-0001")
    assert (again.status_code, again.json["state"]) == (200, "ended")
    fresh = shop.officer.post(f"/rewards/{cup}/awards", body, key="award-0002")
    assert (fresh.status_code, fresh.json["state"]) == (201, "approved")


def test_who_may_call_what(shop, cup):
    helper = shop.resident()
    nobody = type(helper)(shop.app, "", "")
    body = wanted(shop, person_id=helper.person_id)
    award_id = shop.officer.post(f"/rewards/{cup}/awards", body).json["id"]
    for caller, status in ((nobody, 401), (helper, 403), (shop.clerk, 403)):
        assert caller.post(f"/rewards/{cup}/awards", body).status_code == status
        assert caller.get("/awards", unit_id=shop.district.id).status_code == status
        assert caller.get(f"/awards/{award_id}").status_code == status
        for deed in ("approval", "dismissal", "withdrawal"):
            assert caller.post(f"/awards/{award_id}/{deed}").status_code == status
    assert shop.officer.get("/awards", unit_id=shop.district.id).status_code == 200


def test_the_grade_of_the_matter_is_named_and_shown_and_held_to_its_bounds(shop):
    grade = {"grade": "larger", "name": {"en": "Larger", "zh": "较大"}}
    bounds = {"least_fen": 5_000, "most_fen": 50_000, "least_coins": 1, "most_coins": 100}
    keeper = Actor("a" * 24, "s", (Held(Role.RATE_ADMIN, shop.district.id),))
    put_card(
        shop.district.id,
        now() - timedelta(days=1),
        [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 10}],
        fen_per_10000_coins=20_000,
        award_grades=[grade | bounds],
        by_hand_above_fen=10_000,
        by=keeper,
    )
    small, fitting = (shop.offered(price=0, cost_fen=fen) for fen in (4_999, 10_001))
    body = wanted(shop, person_id=shop.resident().person_id)
    none = shop.officer.post(f"/rewards/{fitting}/awards", body)
    assert (none.status_code, none.json["code"]) == (422, "GradeMissing")
    assert "larger" in none.json["errors"]["grade"][0]
    other = shop.officer.post(f"/rewards/{fitting}/awards", body | {"grade": "huge"})
    assert (other.status_code, other.json["code"]) == (422, "UnknownGrade")
    body |= {"grade": "larger"}
    low = shop.officer.post(f"/rewards/{small}/awards", body)
    assert (low.status_code, low.json["code"]) == (409, "AwardOutOfBounds")
    assert low.json["detail"] == "“Larger” is rewarded with 50 to 500 yuan; this is 49.99 yuan."
    asked = shop.officer.post(f"/rewards/{fitting}/awards", body)
    assert (asked.status_code, asked.json["grade"], asked.json["needs_second"]) == (
        202,
        "larger",
        True,
    )
