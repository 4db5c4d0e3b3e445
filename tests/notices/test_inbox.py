"""The inbox: newest shown first, page by page, each one's own, read marks that stay."""

from datetime import UTC, datetime, timedelta

import pytest

from notices import Notice, inbox_of, read_notice, read_notices_up_to, tell, unread_of
from notices.inbox import KEPT_READ, NoticeNotFound
from shared.clock import pretending, real_now
from shared.cursors import BadCursor, to_cursor
from shared.database import collection

NOON = datetime(2017, 12, 4, 4, tzinfo=UTC)
EVENING = datetime(2017, 12, 4, 15, 30, tzinfo=UTC)


@pytest.fixture
def me(somebody):
    return somebody()


def told(who, *keys, at=NOON, name="claim_lapsed"):
    with pretending(at):
        for key in keys:
            tell(who.person_id, name, {"title": key}, key=key)


def titles(page):
    return [one.facts["title"] for one in page.items]


class TestTheList:
    def test_goes_on_page_by_page_and_shows_everything_once(self, me, somebody):
        told(me, *"abcde")
        told(me, "f", at=NOON + timedelta(hours=1))
        told(somebody(), "of somebody else")
        seen, cursor = [], ""
        for _ in range(3):
            page = inbox_of(me.person_id, cursor=cursor, limit=2)
            seen += titles(page)
            cursor = page.next_cursor or ""
        assert (seen, cursor) == (list("fedcba"), "")

    def test_shows_what_waited_when_its_time_has_come(self, me):
        told(me, "quiet", at=EVENING)
        told(me, "loud", at=EVENING, name="order_nobody_left")
        with pretending(EVENING + timedelta(hours=1)):
            page = inbox_of(me.person_id)
            assert (titles(page), page.unread) == (["loud"], 1)
        with pretending(EVENING + timedelta(hours=8)):
            page = inbox_of(me.person_id)
            assert (titles(page), page.unread) == (["quiet", "loud"], 2)

    def test_of_the_unread_leaves_out_what_was_read(self, me):
        told(me, *"abc")
        read_notice(inbox_of(me.person_id).items[1].id, by=me)
        page = inbox_of(me.person_id, unread=True)
        assert (titles(page), page.unread) == (["c", "a"], 2)

    @pytest.mark.parametrize("cursor", ["made up", to_cursor("x", "y"), to_cursor(10**18, "y")])
    def test_refuses_a_cursor_that_is_none_of_its_own(self, me, cursor):
        with pytest.raises(BadCursor):
            inbox_of(me.person_id, cursor=cursor)

    def test_asks_with_its_indexes(self, me):
        told(me, *"ab")
        plans = [
            collection(Notice).find({"person_id": me.person_id}).sort([("shown_from", -1)]),
            collection(Notice).find({"person_id": me.person_id, "read_at": None}),
        ]
        for plan in plans:
            assert "COLLSCAN" not in str(plan.explain()["queryPlanner"]["winningPlan"])


class TestReading:
    def test_the_first_time_counts(self, me):
        told(me, "a")
        (notice,) = inbox_of(me.person_id).items
        first = read_notice(notice.id, by=me)
        assert first.read_at is not None
        with pretending(real_now() + timedelta(hours=1)):
            assert read_notice(notice.id, by=me).read_at == first.read_at
        assert first.expires_at <= real_now() + KEPT_READ
        assert unread_of(me.person_id) == 0

    def test_is_each_ones_own_and_not_before_its_time(self, me, somebody):
        told(me, "a")
        told(me, "later", at=EVENING)
        (shown, waiting) = Notice.objects(person_id=me.person_id).order_by("id")
        with pretending(EVENING):
            for notice_id, by in ((shown.id, somebody()), (waiting.id, me), ("0" * 24, me)):
                with pytest.raises(NoticeNotFound):
                    read_notice(notice_id, by=by)
                with pytest.raises(NoticeNotFound):
                    read_notices_up_to(notice_id, by=by)
        assert Notice.objects(read_at__ne=None).count() == 0

    def test_up_to_one_leaves_what_came_since_unread(self, me):
        told(me, *"abcd")
        looked_at = inbox_of(me.person_id).items[1]
        assert read_notices_up_to(looked_at.id, by=me) == 3
        assert read_notices_up_to(looked_at.id, by=me) == 0
        assert titles(inbox_of(me.person_id, unread=True)) == ["d"]
