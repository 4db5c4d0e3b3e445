"""The certificate of service as one printable page: no script, nothing fetched. Pure.

Every text is escaped; the QR is drawn into the page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import segno

from honours.certificates import certificate_words as words
from honours.certificates.certificate_facts import Figures, certified_kinds, total_of
from shared.i18n import Text

# ISO/IEC 18004 asks for a quiet zone of four modules.
QUIET_ZONE_MODULES = 4
GENUINE = "genuine"

STYLE = """
@page{size:A4;margin:12mm}
*{box-sizing:border-box}
body{font:11pt/1.6 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#1a1a1a;margin:0 auto;
max-width:186mm;background:#fff}
main{border:1.2pt solid #8a1c14;outline:.5pt solid #8a1c14;outline-offset:-2.4mm;
padding:13mm 14mm 10mm;min-height:268mm;display:flex;flex-direction:column;position:relative}
header{text-align:center}
header p{margin:0;font-size:9.5pt;letter-spacing:.1em;color:#555}
h1{font-size:25pt;line-height:1.3;margin:4mm 0 0;letter-spacing:.14em;font-weight:700;
color:#8a1c14}
:lang(en) h1{font-size:21pt;letter-spacing:.03em}
.city{font-size:12pt!important;color:#1a1a1a!important;margin-top:2mm!important}
.said{margin:9mm 0 0;text-align:center;text-wrap:balance}.said p{margin:0}
.name{font-size:21pt;line-height:1.4;font-weight:700;margin:2mm auto!important;padding:0 8mm;
border-bottom:.75pt solid #1a1a1a;display:inline-block;min-width:60mm;overflow-wrap:anywhere}
.sums{display:grid;grid-template-columns:repeat(3,1fr);margin:8mm 0 0;text-align:center}
.sums div+div{border-left:.5pt solid #bbb}
.sums b{display:block;font-size:23pt;line-height:1.2;font-variant-numeric:tabular-nums}
.sums span{font-size:10pt;color:#555}
table{border-collapse:collapse;width:100%;margin:8mm 0 0;font-size:10pt}
thead{display:table-header-group}tr{break-inside:avoid}
th,td{border-bottom:.5pt solid #aaa;padding:1.1mm 2mm;text-align:left;overflow-wrap:anywhere}
thead th{border-bottom:1pt solid #1a1a1a}
tbody tr:last-child td{border-bottom:1pt solid #1a1a1a}
tfoot{display:table-row-group}tfoot td{font-weight:700;border:0}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.fill{flex:1;min-height:6mm}
.proof{display:grid;grid-template-columns:38mm 1fr;gap:6mm;align-items:center;
border-top:.75pt solid #8a1c14;padding-top:5mm;break-inside:avoid}
.proof svg{width:38mm;height:38mm;display:block}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3mm 4mm;margin:0;font-size:9.5pt}
dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.mono{font-family:"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:9pt}
.small{font-size:8.5pt;line-height:1.5;color:#444;margin:2.5mm 0 0}
.void{position:absolute;top:44%;left:0;right:0;text-align:center;font-size:54pt;font-weight:700;
color:rgba(138,28,20,.28);transform:rotate(-24deg);letter-spacing:.1em;pointer-events:none}
@media screen{body{padding:6mm}}
@media screen and (max-width:600px){body{padding:0}main{padding:9mm 6mm;min-height:0}
.proof{grid-template-columns:1fr}.sums b{font-size:17pt}}
"""


@dataclass(frozen=True)
class PrintedCertificate:
    """What the page shows; `facts` as they were signed, `address` is where strangers check it."""

    facts: Mapping[str, Any]
    real_name: str
    name_key: str
    standing: str
    address: str
    language: str

    def say(self, text: Text, **said: Any) -> str:
        """A text in the page's language, escaped."""
        return escape(text.say(self.language, **said))


def certificate_html(page: PrintedCertificate) -> str:
    """The whole page of a certificate."""
    facts = page.facts
    void = words.NOT_VALID.get(page.standing)
    return "".join(
        [
            head_of(page.language, f"{words.TITLE.say(page.language)} · {facts['number']}"),
            f"<style>{STYLE}</style></head><body><main><header>",
            f"<p>{page.say(words.PROGRAMME)}</p><h1>{page.say(words.TITLE)}</h1>",
            f'<p class="city">{escape(facts["issuer"][page.language])}</p></header>',
            _said(page),
            sums_of(total_of(certified_kinds(facts)), page.language),
            kinds_table(facts["kinds"], page.language),
            f'<p class="small">{page.say(words.COUNTED)}</p>',
            '<div class="fill"></div>',
            _proof(page),
            f'<div class="void">{page.say(void)}</div>' if void else "",
            "</main></body></html>",
        ]
    )


def head_of(language: str, title: str) -> str:
    """The opening of a page of ours, up to its style."""
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{escape(title)}</title>'
    )


def tenths(amount: int, whole: int) -> str:
    """An amount in wholes with one decimal, cut and never rounded up: 12.5."""
    tens = amount * 10 // whole
    return f"{tens // 10:,}.{tens % 10}"


def day_said(day: str, language: str) -> str:
    """A day (2026-06-30) as people read it in the language."""
    year, month, number = (int(part) for part in day.split("-"))
    if language == "en":
        return f"{number} {_MONTHS[month - 1]} {year}"
    return f"{year} 年 {month} 月 {number} 日"


_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def moment_said(moment: str, time_zone: str) -> str:
    """A signed moment as people there read it: 2026-11-22 17:03 (Asia/Shanghai)."""
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(time_zone))
    return f"{there:%Y-%m-%d %H:%M} ({time_zone})"


def sums_of(total: Figures, language: str) -> str:
    """The three great figures: hours, participations, kilometres."""
    shown = (
        (tenths(total.seconds, 3600), words.HOURS),
        (f"{total.participations:,}", words.TIMES),
        (tenths(total.metres, 1000), words.KILOMETRES),
    )
    boxes = (
        f"<div><b>{amount}</b><span>{escape(unit.say(language))}</span></div>"
        for amount, unit in shown
    )
    return f'<div class="sums">{"".join(boxes)}</div>'


def kinds_table(kinds: list[dict[str, Any]], language: str) -> str:
    """The figures kind by kind; `kinds` as in the signed facts, each with its name."""
    heads = (words.KIND, words.HOURS_HEAD, words.TIMES_HEAD, words.KILOMETRES_HEAD)
    head = "".join(
        f'<th scope="col"{"" if place == 0 else _NUMBER}>{escape(one.say(language))}</th>'
        for place, one in enumerate(heads)
    )
    rows = "".join(
        _row(one["name"][language], Figures(one["participations"], one["seconds"], one["metres"]))
        for one in kinds
    )
    total = total_of({str(place): _figures(one) for place, one in enumerate(kinds)})
    foot = _row(words.ALL.say(language), total) if len(kinds) > 1 else ""
    return (
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody><tfoot>{foot}</tfoot></table>"
    )


_NUMBER = ' class="n"'


def _figures(kind: Mapping[str, Any]) -> Figures:
    return Figures(kind["participations"], kind["seconds"], kind["metres"])


def _row(name: str, figures: Figures) -> str:
    cells = (
        tenths(figures.seconds, 3600),
        f"{figures.participations:,}",
        tenths(figures.metres, 1000),
    )
    numbers = "".join(f"<td{_NUMBER}>{cell}</td>" for cell in cells)
    return f"<tr><td>{escape(name)}</td>{numbers}</tr>"


def _said(page: PrintedCertificate) -> str:
    facts = page.facts
    did = words.DID_OF_KINDS if facts["only_kinds"] else words.DID
    days = {name: day_said(facts[name], page.language) for name in ("since", "until")}
    return (
        f'<div class="said"><p>{page.say(words.CERTIFIES)}</p>'
        f'<p class="name">{escape(page.real_name)}</p><p>{page.say(did, **days)}</p></div>'
    )


def _proof(page: PrintedCertificate) -> str:
    facts = page.facts
    rows = (
        (words.NUMBER, facts["number"], " class=mono"),
        (words.NAME_KEY, page.name_key, " class=mono"),
        (words.ISSUED_AT, moment_said(facts["issued_at"], facts["time_zone"]), ""),
        (words.KEY, facts["key_id"], " class=mono"),
    )
    listed = "".join(
        f"<dt>{page.say(label)}</dt><dd{kind}>{escape(said)}</dd>" for label, said, kind in rows
    )
    return (
        f'<div class="proof">{_qr(page.address)}<div><dl>{listed}</dl>'
        f'<p class="small">{page.say(words.HOW_TO_CHECK)}</p>'
        f'<p class="small mono">{escape(page.address)}</p></div></div>'
    )


def _qr(address: str) -> str:
    code = segno.make(address, error="m", micro=False)
    drawn: str = code.svg_inline(border=QUIET_ZONE_MODULES, omitsize=True, light="#fff")
    return drawn
