"""What who scanned a certificate's QR reads: does it stand, and what to compare with."""

from html import escape
from typing import Any

from honours.certificates import certificate_words as words
from honours.certificates.certificate_facts import Figures
from honours.certificates.certificate_page import (
    day_said,
    head_of,
    kinds_table,
    moment_said,
    sums_of,
)
from honours.certificates.proving_certificates import ProvenCertificate
from shared.clock import in_business_time
from shared.codes import LONGEST_TYPED
from shared.i18n import Text

STYLE = """
*{box-sizing:border-box}
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;
color:#1a1a1a;margin:0 auto;max-width:40rem;padding:1.5rem 1rem 3rem}
header p{margin:0;color:#555;font-size:.9rem}h1{font-size:1.25rem;margin:.2rem 0 1rem}
.standing{border-left:.4rem solid #a61c12;background:#fbeceb;padding:.8rem 1rem;margin:0}
.standing b{display:block;font-size:1.5rem;line-height:1.3}
.genuine{border-color:#1b6e3c;background:#e8f5ec}
h2{font-size:1rem;margin:1.8rem 0 .4rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:1.2rem 0 0}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.sums{display:grid;grid-template-columns:repeat(3,1fr);margin:1rem 0;text-align:center}
.sums b{display:block;font-size:1.4rem;font-variant-numeric:tabular-nums}
.sums span{color:#555;font-size:.85rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid #ccc;padding:.3rem .4rem;text-align:left;overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tfoot td{font-weight:700}.small{font-size:.85rem;color:#444}
.said{border-left:.4rem solid #a61c12;padding:.4rem .8rem}.fits{border-color:#1b6e3c}
label{display:block;margin:.6rem 0}input{display:block;width:100%;font:inherit;padding:.3rem}
button{font:inherit;padding:.4rem 1rem;min-height:2.75rem}
"""


def proof_html(
    proven: ProvenCertificate | None, language: str, *, is_name: bool | None = None
) -> str:
    """The page about one certificate; about none of ours where `proven` is None.

    `is_name` says whether the name that the reader typed is the holder's; None: none was typed.
    """
    standing = proven.standing.value if proven else "unknown"

    def say(text: Text) -> str:
        return escape(text.say(language))

    return "".join(
        [
            head_of(language, words.PROOF_TITLE.say(language)),
            f"<style>{STYLE}</style></head><body><header><p>{say(words.PROGRAMME)}</p>",
            f"<h1>{say(words.PROOF_TITLE)}</h1></header>",
            f'<p class="standing {standing}"><b>{say(words.STANDINGS[standing])}</b>',
            f"{say(words.EXPLAINED[standing])}</p>",
            _about(proven, language, is_name) if proven else "",
            "</body></html>",
        ]
    )


def _about(proven: ProvenCertificate, language: str, is_name: bool | None) -> str:
    rows = [(words.NUMBER, proven.number), *_revoked(proven)]
    if proven.facts is None:
        return _list(rows, language)
    facts = proven.facts
    days = {name: day_said(facts[name], language) for name in ("since", "until")}
    not_compared = "" if is_name else f" · {words.NOT_COMPARED.say(language)}"
    rows += [
        (words.HOLDER, facts["holder"] + not_compared),
        (words.SPAN, words.SPAN_SAID.say(language, **days)),
        (words.ISSUER, facts["issuer"][language]),
        (words.ISSUED_AT, moment_said(facts["issued_at"], facts["time_zone"])),
    ]
    total = Figures(facts["participations"], facts["seconds"], facts["metres"])
    return "".join(
        [
            _compared(is_name, language),
            _list(rows, language),
            f"<h2>{escape(words.CERTIFIED.say(language))}</h2>",
            sums_of(total, language),
            kinds_table(facts["kinds"], language),
            _now(proven, language),
            f'<p class="small">{escape(words.COMPARE.say(language))}</p>',
            _form(language),
        ]
    )


def _compared(is_name: bool | None, language: str) -> str:
    if is_name is None:
        return ""
    said = words.NAME_FITS if is_name else words.NAME_DIFFERS
    fits = " fits" if is_name else ""
    return f'<p class="said{fits}" role="status">{escape(said.say(language))}</p>'


def _form(language: str) -> str:
    """Where the whole name is typed; sent to the page's own address, never in one."""
    asked = (("name", words.NAME_ON_PAPER), ("name_key", words.NAME_KEY))
    labels = "".join(
        f"<label>{escape(label.say(language))}"
        f'<input name="{name}" required maxlength="{LONGEST_TYPED}" autocomplete="off"></label>'
        for name, label in asked
    )
    said = escape(words.CHECK_NAME.say(language))
    return f'<form method="post"><h2>{said}</h2>{labels}<button>{said}</button></form>'


def _revoked(proven: ProvenCertificate) -> list[tuple[Text, str]]:
    """When, never why: that would shame whose it is."""
    if proven.revoked_at is None:
        return []
    return [(words.REVOKED_AT, in_business_time(proven.revoked_at))]


def _list(rows: list[tuple[Text, str]], language: str) -> str:
    shown = (
        f"<dt>{escape(label.say(language))}</dt><dd>{escape(said)}</dd>" for label, said in rows
    )
    return f"<dl>{''.join(shown)}</dl>"


def _now(proven: ProvenCertificate, language: str) -> str:
    """What stands now, where that is not what was certified."""
    now, facts = proven.stands_now, proven.facts
    if now is None or facts is None or proven.standing == "genuine":
        return ""
    names: dict[str, Any] = {one["kind"]: one["name"] for one in facts["kinds"]}
    kinds = [
        {"kind": kind, "name": names.get(kind, {"en": kind, "zh-CN": kind}), **figures._asdict()}
        for kind, figures in now.items()
    ]
    said = escape(words.STANDS_NOW.say(language))
    return f"<h2>{said}</h2>{sums_of(proven.total_now or Figures(0, 0, 0), language)}" + (
        kinds_table(kinds, language) if kinds else ""
    )
