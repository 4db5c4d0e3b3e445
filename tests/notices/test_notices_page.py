"""The page about notices: its example of checking a signature is run as it stands there."""

import re
from pathlib import Path

import pytest

from notices.delivering import FIRST_WAIT_S, LONGEST_WAIT_S
from notices.handing_on import DELIVER_FOR
from notices.inbox import KEPT_READ
from notices.quiet_hours import QUIET_FROM_MINUTE, QUIET_UNTIL_MINUTE, clock_of
from notices.signing import signature_of
from notices.telling import KEPT_UNREAD

PURE = True

PAGE = Path(__file__).resolve().parents[2] / "docs" / "notices.md"
SECRET, BODY, SENT_AT = "s3cret", '{"notice":"夜巡"}'.encode(), 1_512_385_200


@pytest.fixture(scope="module")
def is_ours():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names = {}
    exec(compile(example, str(PAGE), "exec"), names)
    return names["is_ours"]


def test_the_example_takes_what_we_sign(is_ours):
    header = signature_of(SECRET, SENT_AT, BODY)
    for moment in (SENT_AT, SENT_AT + 299, SENT_AT - 299):
        assert is_ours(SECRET, header, BODY, moment)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "nonsense",
        f"t={SENT_AT}",
        f"t={SENT_AT},v1=",
        signature_of("another", SENT_AT, BODY),
        signature_of(SECRET, SENT_AT, BODY + b" "),
        signature_of(SECRET, SENT_AT, BODY).replace(f"t={SENT_AT}", f"t={SENT_AT + 1}"),
        signature_of(SECRET, SENT_AT - 301, BODY),
        signature_of(SECRET, SENT_AT + 301, BODY),
        f"t={SENT_AT},v1=é",
    ],
)
def test_the_example_refuses_what_is_forged_altered_or_old(is_ours, header):
    assert not is_ours(SECRET, header, BODY, SENT_AT)


def test_the_page_tells_the_times_that_the_code_keeps():
    text = " ".join(PAGE.read_text("utf-8").split())
    quiet = f"{clock_of(QUIET_FROM_MINUTE)} to {clock_of(QUIET_UNTIL_MINUTE)}"
    waits = f"{FIRST_WAIT_S} seconds, 1, 2, 4 … minutes, up to {LONGEST_WAIT_S // 3600} hours"
    kept = f"kept for {KEPT_READ.days} days, an unread one for {KEPT_UNREAD.days}"
    assert DELIVER_FOR.total_seconds() == 24 * 3600
    for said in (quiet, waits, kept):
        assert said in text
