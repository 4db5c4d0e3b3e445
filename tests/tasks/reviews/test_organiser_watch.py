"""Patterns of organisers: found where they are, not where numbers are small or work is spread."""

from tasks.reviews.organiser_watch import LEAST_WALKS, Looked, Pattern, Work, conspicuous

PURE = True


def work(person, publisher="p", reviewer=None, verified=True, coins=100, **more):
    return Work(person, publisher, reviewer, verified, coins, **more)


def patterns(found):
    return {(one.pattern, one.organiser_id, one.person_id) for one in found}


def test_a_publisher_whose_coins_go_to_one_person_shows():
    walks = [work("friend") for _ in range(6)] + [work(f"v{n}") for n in range(4)]
    assert patterns(conspicuous(walks, [])) == {(Pattern.ONE_BENEFICIARY, "p", "friend")}


def test_spread_work_and_few_walks_do_not():
    assert conspicuous([work(f"v{n}") for n in range(50)], []) == []
    assert conspicuous([work("friend") for _ in range(LEAST_WALKS - 1)], []) == []


def test_one_reviewer_always_in_favour_of_one_person_shows():
    walks = [work("friend", f"p{n}", reviewer="r") for n in range(LEAST_WALKS)]
    assert patterns(conspicuous(walks, [])) == {(Pattern.ONE_REVIEWER, "r", "friend")}
    fair = [*walks, work("friend", "p", reviewer="r", verified=False)]
    assert conspicuous(fair, []) == []


def test_second_looks_that_differ_show_who_looked_first():
    looks = [Looked("r", agreed=number > 3) for number in range(10)]
    assert patterns(conspicuous([], looks)) == {(Pattern.SECOND_LOOKS_DIFFER, "r", None)}
    assert conspicuous([], [Looked("r", agreed=True)] * 50) == []


def test_much_written_down_afterwards_shows():
    walks = [work(f"v{n}", coins=0, back_filled_by="o") for n in range(4)]
    walks += [work(f"w{n}", f"p{n}") for n in range(10)]
    assert patterns(conspicuous(walks, [])) == {(Pattern.MUCH_BACK_FILLED, "o", None)}
