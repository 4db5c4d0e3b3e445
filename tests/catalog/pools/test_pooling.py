"""Pooling: each code goes to one voucher, the soonest ending first, and comes back unopened."""

import threading
from datetime import timedelta

import pytest
from bson import ObjectId

from catalog import OutOfStock
from catalog.pools.code_file import SERVES_AT_LEAST
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.pools.pooling import return_code, take_code
from catalog.pools.sealed_codes import code_hash, opened, sealed_code
from shared.clock import now
from shared.database import in_transaction
from shared.ids import new_id

REWARD, POINT = new_id(), new_id()


def add_codes(count, *, valid_until=None, reward_id=REWARD, point_id=POINT):
    ids = []
    for number in range(count):
        code_id, code = new_id(), f"CODE-{new_id()}"
        PoolCode(
            id=code_id,
            reward_id=reward_id,
            point_id=point_id,
            sealed=sealed_code(code_id, code),
            code_hash=code_hash(code),
            valid_until=valid_until,
            state=PoolCodeState.FREE,
            import_id=new_id(),
            line=number + 2,
        ).save(force_insert=True)
        ids.append(code_id)
    return ids


def row(*, days=30):
    issued_at = now()
    return {
        "_id": str(ObjectId()),
        "reward_id": REWARD,
        "point_id": POINT,
        "issued_at": issued_at,
        "expires_at": issued_at + timedelta(days=days),
    }


def take(voucher_row):
    in_transaction(lambda session: take_code(voucher_row, session))
    return voucher_row


def give_back(voucher_row):
    in_transaction(lambda session: return_code(voucher_row["_id"], session))


def states():
    return sorted(code.state.value for code in PoolCode.objects)


def test_a_taken_code_names_its_voucher(prepared):
    (code_id,) = add_codes(1)
    taken = take(row())
    assert taken["pool_code_id"] == code_id
    code = PoolCode.objects.get(id=code_id)
    assert (code.state, code.voucher_id) == (PoolCodeState.TAKEN, taken["_id"])


def test_the_voucher_ends_with_its_code_where_that_is_sooner(prepared):
    soon, late = now() + timedelta(days=3), now() + timedelta(days=90)
    add_codes(1, valid_until=soon)
    assert take(row())["expires_at"] == soon
    add_codes(1, valid_until=late)
    wanted = row()
    ends_at = wanted["expires_at"]
    assert take(wanted)["expires_at"] == ends_at


def test_codes_that_always_serve_are_kept_until_those_with_an_end_are_gone(prepared):
    always = add_codes(3)
    ending = add_codes(3, valid_until=now() + timedelta(days=3))
    first = {take(row())["pool_code_id"] for _ in range(3)}
    then = {take(row())["pool_code_id"] for _ in range(3)}
    assert (first, then) == (set(ending), set(always))


@pytest.mark.parametrize("left", [timedelta(seconds=-1), SERVES_AT_LEAST - timedelta(minutes=1)])
def test_a_code_past_its_end_or_near_it_is_never_given(prepared, left):
    add_codes(3, valid_until=now() + left)
    with pytest.raises(OutOfStock):
        take(row())
    assert states() == ["free"] * 3


def test_codes_of_other_rewards_and_points_are_not_touched(prepared):
    add_codes(1, reward_id=new_id())
    add_codes(1, point_id=new_id())
    with pytest.raises(OutOfStock):
        take(row())


def test_a_code_given_back_is_given_again(prepared):
    add_codes(1)
    first = take(row())
    give_back(first)
    give_back(first)
    assert take(row())["pool_code_id"] == first["pool_code_id"]


def test_an_opened_code_does_not_come_back(prepared):
    add_codes(1)
    taken = take(row())
    PoolCode.objects(id=taken["pool_code_id"]).update(
        set__state=PoolCodeState.OPENED, set__opened_at=now()
    )
    give_back(taken)
    assert states() == ["opened"]


def test_an_order_that_fails_after_it_took_a_code_leaves_it_free(prepared):
    add_codes(1)

    def fail(session):
        take_code(row(), session)
        raise OutOfStock

    with pytest.raises(OutOfStock):
        in_transaction(fail)
    assert states() == ["free"]


def test_a_sealed_code_opens_in_its_own_document_alone(prepared):
    first, second = (PoolCode.objects.get(id=code_id) for code_id in add_codes(2))
    assert opened(first).startswith("CODE-")
    first.sealed = second.sealed
    with pytest.raises(Exception, match=r"^$") as altered:
        opened(first)
    assert type(altered.value).__name__ == "InvalidTag"


@pytest.mark.parametrize("round_number", range(3))
def test_of_twenty_threads_on_ten_codes_ten_get_one_each(prepared, round_number):
    add_codes(10, valid_until=now() + timedelta(days=3) if round_number else None)
    rows, refused, start = [row() for _ in range(20)], [], threading.Barrier(20)

    def run(voucher_row):
        start.wait()
        try:
            take(voucher_row)
        except OutOfStock:
            refused.append(voucher_row["_id"])

    threads = [threading.Thread(target=run, args=(one,)) for one in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [one["pool_code_id"] for one in rows if "pool_code_id" in one]
    got = {one["_id"] for one in rows} - set(refused)
    assert len(refused) == 10
    assert {code.voucher_id for code in PoolCode.objects} == got
    assert len({one["pool_code_id"] for one in rows if one["_id"] in got}) == 10
    assert len(taken) >= 10
