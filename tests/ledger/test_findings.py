"""Findings are plain sentences, the first difference first, and the sum counts them."""

from datetime import UTC, datetime

from ledger.proof.findings import MAX_SAID, BookProof, Finding, FindingKind, in_order

PURE = True

K = FindingKind


def proof(*findings):
    return BookProof(list(findings), 1200, 30, 4, 2, 0.5)


def test_every_kind_has_a_sentence_with_its_figures():
    for kind in FindingKind:
        sentence = str(Finding(kind, "it", 11, 12))
        assert "it" in sentence or "11" in sentence
        assert "{" not in sentence
    assert (
        str(Finding(K.BALANCE_DIFFERS, "w", 1, None)) == "w holds 1, but its entries sum to nothing"
    )


def test_what_belongs_to_a_moment_comes_first_in_order_of_posting():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    findings = [
        Finding(K.BALANCE_DIFFERS, "a", 1, 2),
        Finding(K.UNSOUND_ENTRY, "b", at=late),
        Finding(K.SEAL_BROKEN, "c", "x", at=early),
        Finding(K.UNSOUND_ENTRY, "d", at="yesterday"),
        Finding(K.UNSOUND_BALANCE, "a"),
    ]
    assert [finding.where for finding in in_order(findings)] == ["c", "b", "a", "a", "d"]
    assert [finding.kind for finding in in_order(findings)][2:4] == [
        K.UNSOUND_BALANCE,
        K.BALANCE_DIFFERS,
    ]


def test_a_sound_book_is_one_line_with_what_was_gone_through():
    assert list(proof().lines()) == [
        "the book agrees: proven 1,200 entries, 30 accounts, 4 holds and 2 seals in 0.50 s"
    ]


def test_the_first_difference_stands_out_and_the_last_line_counts_all():
    lines = list(
        proof(
            Finding(K.UNSOUND_ENTRY, "e1"),
            Finding(K.BALANCE_DIFFERS, "w", 1, 2),
            Finding(K.BALANCE_DIFFERS, "x", 3, 4),
        ).lines()
    )
    assert lines == [
        "THE BOOK DIFFERS, first here: entry e1 is not one that the book takes",
        "  w holds 1, but its entries sum to 2",
        "  x holds 3, but its entries sum to 4",
        "differences: 3 (unsound_entry 1, balance_differs 2); gone through 1,200 entries, "
        "30 accounts, 4 holds and 2 seals in 0.50 s",
    ]


def test_hundreds_of_differences_are_counted_not_all_said():
    many = [Finding(K.BALANCE_DIFFERS, str(number), 1, 2) for number in range(MAX_SAID + 8)]
    lines = list(proof(*many).lines())
    assert len(lines) == MAX_SAID + 3
    assert lines[-2] == "  and 7 more"
