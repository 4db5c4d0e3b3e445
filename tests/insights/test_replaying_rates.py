"""Past work replayed under other terms: the quote's own coins, caps in order of time, sums."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from replayed_work import MONDAY, ZONE, Did, after, replayed, terms

from insights.replaying_rates import Earnings, Priced, price
from rates.capping import Cap, Scope, Span, span_around, within_caps
from rates.pricing import Action, quote

PURE = True
BASE_30 = {"base": 30}


def action(kind="patrol", hours=2.0):
    return Action(kind, MONDAY, MONDAY + timedelta(hours=hours), zone=ZONE)


def test_a_task_is_priced_as_its_quote():
    one = terms(patrol={"base": 5, "per_hour": 50, "caps": {"per_day": 120}})
    priced = price(one, action())
    quoted = quote(one, action())
    assert (priced.coins, priced.caps) == (quoted.coins, quoted.caps)
    assert priced.parts == {"base": 5, "time": 100}
    assert not priced.refusal


def test_a_kind_without_a_line_has_no_price_and_says_why():
    assert price(terms(drill=BASE_30), action()) == Priced(0, refusal="KindNotRated")


def test_everybody_who_did_a_task_gets_its_price():
    work = [Did("ann", coins=100), Did("bob", coins=100), Did("ann", "u", coins=50)]
    sums = replayed(work, {"t": Priced(120), "u": Priced(10)})
    assert (sums.total.count, sums.total.paid, sums.total.drafted) == (3, 250, 250)
    assert {name: one.drafted for name, one in sums.people.items()} == {"ann": 130, "bob": 120}
    assert sums.task_ids == {"t", "u"}


def test_sums_are_kept_by_unit_and_by_kind():
    work = [Did(), Did(unit_id="grid", kind="drill", task_id="u")]
    sums = replayed(work, {"t": Priced(1), "u": Priced(2)}, among=("street", "grid"))
    assert {name: one.drafted for name, one in sums.units.items()} == {"street": 1, "grid": 2}
    assert {name: one.drafted for name, one in sums.kinds.items()} == {"patrol": 1, "drill": 2}


def test_what_has_no_price_is_told_by_kind_and_reason():
    sums = replayed([Did(coins=70)], {"t": Priced(0, refusal="KindNotRated")})
    assert sums.unpriced["patrol", "KindNotRated"].paid == 70
    assert sums.total.drafted == 0


def test_caps_cut_the_later_work_of_the_same_day_only():
    daily = (Cap(Scope.KIND, Span.DAY, 150),)
    work = [
        Did(starts_at=after()),
        Did(starts_at=after(hours=3)),
        Did("bob", starts_at=after(hours=3)),
        Did(starts_at=after(days=1)),
    ]
    sums = replayed(work, {"t": Priced(100, daily)})
    assert sums.total.drafted == 100 + 50 + 100 + 100
    cut = sums.cuts["kind", "day"]
    assert (cut.coins, cut.count, cut.people) == (50, 1, {"ann"})


def test_a_cap_on_a_kind_leaves_other_kinds_alone_and_a_cap_on_all_does_not():
    of_kind, of_all = Cap(Scope.KIND, Span.WEEK, 100), Cap(Scope.ALL, Span.WEEK, 150)
    work = [Did(), Did(kind="drill", task_id="u")]
    alone = replayed(work, {"t": Priced(100, (of_kind,)), "u": Priced(100, (of_kind,))})
    together = replayed(work, {"t": Priced(100, (of_all,)), "u": Priced(100, (of_all,))})
    assert (alone.total.drafted, together.total.drafted) == (200, 150)


def test_work_before_the_span_counts_towards_caps_and_in_no_sum():
    monthly = (Cap(Scope.ALL, Span.MONTH, 130),)
    work = [Did(starts_at=after()), Did(starts_at=after(days=5))]
    sums = replayed(work, {"t": Priced(100, monthly)}, since=after(days=2))
    assert (sums.total.count, sums.total.drafted) == (1, 30)


def test_work_elsewhere_counts_towards_caps_with_what_it_was_paid():
    daily = (Cap(Scope.ALL, Span.DAY, 130),)
    work = [Did(unit_id="another", task_id="unknown", coins=90), Did(starts_at=after(hours=1))]
    sums = replayed(work, {"t": Priced(100, daily)})
    assert (sums.total.count, sums.total.drafted) == (1, 40)


def test_hours_of_duty_earn_nothing_unless_the_terms_pay_for_them():
    line = {"base": 30, "paid_on_duty": True}
    paid, unpaid = price(terms(patrol=line), action()), price(terms(patrol=BASE_30), action())
    duty = [Did(on_duty=True, coins=0)]
    assert replayed(duty, {"t": paid}).total.drafted == 30
    without = replayed(duty, {"t": unpaid})
    assert (without.total.drafted, without.on_duty) == (0, 1)


caps = st.lists(
    st.builds(Cap, st.sampled_from(Scope), st.sampled_from(Span), st.integers(1, 300)),
    max_size=4,
).map(tuple)
deeds = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]),
        st.sampled_from(["patrol", "drill"]),
        st.integers(0, 45 * 24),
        st.integers(0, 200),
        caps,
    ),
    max_size=12,
)


@given(deeds)
def test_what_is_paid_is_what_paying_one_by_one_would_leave(deeds):
    """Held against the rule itself: all that was paid in the span of each cap, added up anew."""
    earnings, paid = Earnings(ZONE), []
    for person_id, kind, hours, coins, limits in sorted(deeds, key=lambda deed: deed[2]):
        moment = after(hours=hours)
        earned = defaultdict(int)
        for cap in limits:
            since, until = span_around(cap.span, moment, ZONE)
            earned[cap] = sum(
                one
                for whose, what, when, one in paid
                if whose == person_id
                and (cap.scope == Scope.ALL or what == kind)
                and since <= when < until
            )
        expected = within_caps(coins, limits, earned)
        got, cuts = earnings.pay(person_id, kind, moment, coins, limits)
        assert got == expected.coins
        assert [-cut for _, cut in cuts] == [line["coins"] for line in expected.breakdown]
        paid.append((person_id, kind, moment, got))
