"""The printed page and the page of proof: whole, escaped, in both languages, its QR readable."""

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from honours.certificates import certificate_words as words
from honours.certificates.certificate_facts import Figures, figures_by_kind, still_stands, total_of
from honours.certificates.certificate_page import (
    PrintedCertificate,
    certificate_html,
    day_said,
    tenths,
)
from honours.certificates.proof_page import proof_html
from honours.certificates.proving_certificates import CertificateStanding, ProvenCertificate
from shared.i18n import LANGUAGES
from tasks import PastWork

PURE = True

ADDRESS = "https://example.org/api/v1/service-certificates/7KQ-4M9-TDX-20P-WZ8-3HV/verification"
NASTY = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def facts(**more):
    kind = {"kind": "patrol", "name": {"en": "Patrol", "zh-CN": "巡防"}}
    kind |= {"participations": 2, "seconds": 12_600, "metres": 6_100}
    return {
        "document": "fuxun service certificate 1",
        "number": "7KQ-4M9-TDX-20P-WZ8-3HV",
        "address": "https://example.org",
        "issuer": {"en": "Fuzhou", "zh-CN": "福州市"},
        "holder": "林**",
        "since": "2026-01-01",
        "until": "2026-06-30",
        "time_zone": "Asia/Shanghai",
        "only_kinds": [],
        "participations": 2,
        "seconds": 12_600,
        "metres": 6_100,
        "kinds": [kind],
        "issued_at": "2026-07-02T03:04:05.678Z",
        "key_id": "9f86d081884c7d65",
    } | more


def printed(language="en", standing="genuine", name="Lin Xiaoshi", **more):
    page = PrintedCertificate(facts(**more), name, "P2M-8RT", standing, ADDRESS, language)
    return certificate_html(page)


class Elements(HTMLParser):
    """The names of every element and attribute of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.opened = [], [], []
        self.feed(page)

    def _begun(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in ("meta", "path", "input"):
            self.opened.append(tag)

    def _ended(self, tag):
        if tag != "path":
            assert self.opened.pop() == tag

    def _whole(self, tag, attrs):
        self.tags.append(tag)

    handle_starttag, handle_endtag, handle_startendtag = _begun, _ended, _whole


def is_harmless(page, *, may_ask=False):
    seen = Elements(page)
    assert seen.opened == []
    forbidden = {"script", "img", "iframe", "link", "object", "a"} | (
        set() if may_ask else {"form"}
    )
    assert not forbidden & set(seen.tags)
    assert "action" not in seen.attributes  # a form goes to the page's own address
    assert not [name for name in seen.attributes if name.startswith("on") or name == "src"]
    return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_name_days_figures_and_number(language):
    page = printed(language)
    assert is_harmless(page)
    for said in ("Lin Xiaoshi", "7KQ-4M9-TDX-20P-WZ8-3HV", "P2M-8RT", ">3.5<", ">6.1<", ADDRESS):
        assert said in page
    assert f'lang="{language}"' in page
    days = {"en": "1 January 2026", "zh-CN": "2026 年 1 月 1 日"}
    assert days[language] in page
    assert "2026-07-02 11:04" in page


def test_no_address_but_that_of_the_proof_stands_in_the_page():
    assert set(re.findall(r"https?://[^\s\"'<]+", printed())) <= {
        ADDRESS,
        "http://www.w3.org/2000/svg",
    }


def test_the_qr_leads_to_the_proof():
    drawn = io.BytesIO()
    segno.make(ADDRESS, error="m", micro=False).save(drawn, kind="png", scale=8, border=4)
    path = re.search(r'class="qrline"[^>]* d="([^"]+)"', printed())
    expected = io.BytesIO()
    segno.make(ADDRESS, error="m", micro=False).save(expected, kind="svg", border=4)
    assert path is not None
    assert path.group(1) in expected.getvalue().decode()
    assert zxingcpp.read_barcodes(Image.open(drawn))[0].text == ADDRESS


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_name_holds_nothing_of_it_is_run(language):
    names = {"en": NASTY, "zh-CN": NASTY}
    kind = facts()["kinds"][0] | {"name": names}
    more = {"issuer": names, "kinds": [kind], "number": NASTY, "key_id": NASTY}
    page = printed(language, name=NASTY, **more)
    assert is_harmless(page)
    assert NASTY not in page
    proof = ProvenCertificate(
        NASTY, CertificateStanding.GENUINE, facts(holder=NASTY, **more), "", {}
    )
    assert is_harmless(proof_html(proof, language), may_ask=True)
    assert NASTY not in proof_html(proof, language)


@given(st.text(max_size=40))
def test_any_text_at_all_is_only_shown(name):
    assert Elements(printed(name=name)).tags == Elements(printed()).tags


@pytest.mark.parametrize("standing", ["revoked", "no_longer_agrees", "unproven"])
def test_what_holds_no_more_says_so_across_the_page(standing):
    assert '<div class="void">' in printed(standing=standing)
    assert '<div class="void">' not in printed()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_proof_says_each_standing(language):
    now = {"patrol": Figures(1, 3_600, 1_000)}
    gone = datetime(2026, 8, 1, tzinfo=UTC)
    pages = [
        proof_html(ProvenCertificate("N", CertificateStanding(one), facts(), "", now), language)
        for one in ("genuine", "no_longer_agrees")
    ]
    pages += [
        proof_html(ProvenCertificate("N", CertificateStanding.REVOKED, revoked_at=gone), language),
        proof_html(ProvenCertificate("N", CertificateStanding.UNPROVEN), language),
        proof_html(None, language),
    ]
    assert len(set(pages)) == 5
    has_facts = [True, True, False, False, False]
    for page, may_ask in zip(pages, has_facts, strict=True):
        assert is_harmless(page, may_ask=may_ask)
    assert [">1.0<" in page for page in pages] == [False, True, False, False, False]
    assert ["林**" in page for page in pages] == has_facts
    assert ["<form" in page for page in pages] == has_facts
    assert "2026-08-01" in pages[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_proof_says_whether_the_whole_name_was_compared(language):
    proof = ProvenCertificate("N", CertificateStanding.GENUINE, facts(), "", {})
    not_yet, fits, differs = (
        proof_html(proof, language, is_name=one) for one in (None, True, False)
    )
    mark = words.NOT_COMPARED.say(language)
    assert [mark in page for page in (not_yet, fits, differs)] == [True, False, True]
    said = [words.NAME_FITS.say(language), words.NAME_DIFFERS.say(language)]
    shown = [[one in page for one in said] for page in (not_yet, fits, differs)]
    assert shown == [[False, False], [True, False], [False, True]]


def test_figures_are_cut_never_rounded_up():
    shown = [tenths(*one) for one in [(3_599, 3_600), (359, 3_600), (4_500_000, 3_600), (99, 1000)]]
    assert shown == ["0.9", "0.0", "1,250.0", "0.0"]
    assert day_said("2026-12-09", "en") == "9 December 2026"


def past(number, kind, seconds, metres):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return PastWork(f"p{number}", "t", "x", "u", kind, at, at, seconds, metres, 0, False)


works = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 10**5), st.floats(0, 10**5)), max_size=12
)


@given(works, st.randoms(), st.integers(0, 12))
def test_figures_do_not_depend_on_order_and_stand_until_something_is_taken_away(said, dice, taken):
    work = [past(number, *one) for number, one in enumerate(said)]
    kinds = figures_by_kind(work)
    dice.shuffle(work)
    assert figures_by_kind(work) == kinds
    assert total_of(kinds).participations == len(work)
    assert still_stands(kinds, kinds)
    left = figures_by_kind(work[taken:])
    assert still_stands(kinds, left) == (left == kinds)
    assert still_stands(left, kinds)
