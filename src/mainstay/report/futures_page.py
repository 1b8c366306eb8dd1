"""What pages of what could come and what could be done are built of: figures with a table under each, and the frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.figure import Spec
from mainstay.report.futures_plot import PAGE_WIDTH, PHONE_WIDTH
from mainstay.report.html import escaped, inlined, page_head
from mainstay.report.text import context_line

AS_TABLE = "The picture as a table"
WORKINGS = "How this was worked out"
NONE = "–"
"""What stands in a table where there is nothing to say."""
Table = tuple[Sequence[str], Sequence[Sequence[str]]]
Draws = Callable[[Callable[[int], Spec], str, str, Table], str]
"""Puts a figure onto a page: its specification at a width, letters of its own, what it shows, the same as a table."""


def page(title: str, context: AnswerContext, parts: Sequence[str], *, note: str = "", how_to_read: str = "") -> str:
    """The whole as one self-contained page: nothing is fetched, nothing runs. `parts`: this package's own markup."""
    shown = [
        page_head(title).replace("</style>", f"{PAGE_SHEET}</style>", 1),
        f"<header><h1>{name(title)}</h1><p class='quiet'>{escaped(context_line(context))}</p>"
        f"{f'<p>{escaped(note)}</p>' if note else ''}</header><main>",
        *parts,
        f"</main><footer><p>{escaped(how_to_read)}</p><p>Made on {context.made_at.as_local:%Y-%m-%d %H:%M}, on the "
        "person’s own machine. This file is not encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(part for part in shown if part) + "\n"


def name(text: str) -> str:
    """A name from the records: never markup, and its direction of writing stays its own."""
    return f"<bdi>{escaped(text)}</bdi>"


def lead(first: str, *more: str) -> str:
    """What stands first on the page."""
    rest = "".join(f"<p class='quiet'>{escaped(one)}</p>" for one in more if one)
    return f"<section class='lead'><p class='claim'>{escaped(first)}</p>{rest}</section>" if first else ""


def section(heading: str, *inside: str) -> str:
    """A section under its heading; empty where it holds nothing."""
    held = "".join(inside)
    return f"<section class='part'><h2>{escaped(heading)}</h2>{held}</section>" if held else ""


def beside(heading: str, told: str, drawn: str) -> str:
    """A section whose words stand beside its figure where there is room, and before it where there is not."""
    if not drawn:
        return section(heading, told)
    words = f"<div class='side'>{told}</div>"
    return f"<section class='part beside'><h2>{escaped(heading)}</h2>{words}{drawn}</section>"


def sentences(told: Sequence[str], kind: str = "") -> str:
    """Sentences, each a paragraph."""
    mark = f" class='{kind}'" if kind else ""
    return "".join(f"<p{mark}>{escaped(one)}</p>" for one in told if one)


def bullets(told: Sequence[str]) -> str:
    """Sentences as a list; empty where there are none."""
    return f"<ul>{''.join(f'<li>{escaped(one)}</li>' for one in told)}</ul>" if told else ""


def figure(spec_of: Callable[[int], Spec], key: str, told: str, table: Table) -> str:
    """A figure for page and phone, what it shows in words, and the same as a table. `key`: letters of its own."""
    pictures = pictured = ""
    for size, width in (("wide", PAGE_WIDTH), ("phone", PHONE_WIDTH)):
        spec = spec_of(width)
        pictured = str(spec["description"])
        label = escaped(pictured)
        pictures += f"<div class='picture {size}'>{inlined(spec, f'{key}-{size}', label)}</div>"
    under = f"<p class='quiet'>{escaped(told)}</p>" if told else ""
    twin = folded_table(AS_TABLE, table, pictured)
    return f"<figure class='drawn'>{pictures}<figcaption>{under}{twin}</figcaption></figure>"


def folded_table(summary: str, table: Table, of: str = "") -> str:
    """A table, folded away under its summary. `of`: what tells it from others of that name on the page."""
    label = f"{summary}: {of}" if of else summary
    return f"<details><summary>{escaped(summary)}</summary>{plain_table(label, table)}</details>"


def plain_table(label: str, table: Table, kind: str = "twin") -> str:
    """A table with headers for columns and rows, that scrolls within itself where it is too wide.

    `kind`: "twin" of a figure, "plain" for words, or "plain stacked": on a phone a block for each row.
    """
    names, rows = table
    head = "".join(f"<th scope='col' role='columnheader'>{escaped(one)}</th>" for one in names)
    body = "".join(
        f"<tr role='row'><th scope='row' role='rowheader'>{name(row[0])}</th>"
        + "".join(_cell(one, cell) for one, cell in zip(names[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f"<div class='scroll' role='region' tabindex='0' aria-label='{escaped(label)}'>"
        f"<table class='{kind}' role='table'><thead role='rowgroup'><tr role='row'>{head}</tr></thead>"
        f"<tbody role='rowgroup'>{body}</tbody></table></div>"
    )


def _cell(column: str, cell: str) -> str:
    mark = " class='empty'" if cell == NONE else ""
    return f"<td role='cell' data-label='{escaped(column)}'{mark}>{name(cell)}</td>"


def workings(told: Sequence[tuple[str, str]]) -> str:
    """How it was worked out, folded away."""
    if not told:
        return ""
    inside = "".join(f"<dt>{escaped(what)}</dt><dd>{escaped(begun(ended(text)))}</dd>" for what, text in told)
    return f"<details class='workings'><summary>{WORKINGS}</summary><dl>{inside}</dl></details>"


PAGE_SHEET = """
.lead{margin:1.5rem 0 0}.lead .claim{line-height:1.5}
.part ul,.part ol{margin:.35rem 0;padding-left:1.2rem}.part li{margin:0 0 .4rem;padding-left:.15rem}
figure.drawn{margin:1rem -26px 1.5rem;max-width:756px}
.part{max-width:none}.part>p,.part>ul,.part>ol,.part>dl,.part>details{max-width:44rem}
.twin th,.twin td{vertical-align:top}.numbers td{white-space:nowrap}.twin thead th{white-space:normal;max-width:9rem}
.twin th:first-child{white-space:normal;min-width:8rem;max-width:22rem}
.plain td,.plain th{text-align:left;vertical-align:top}.plain td{color:var(--ink)}
.plain th:first-child{white-space:normal;min-width:7rem;max-width:20rem;overflow-wrap:anywhere}
.plain tbody th{font-weight:400;color:var(--ink)}
bdi,li,p,dd,h1{overflow-wrap:anywhere}
.side{max-width:44rem}
@media (min-width:1180px){.beside{display:grid;grid-template-columns:730px 1fr;gap:0 2.5rem;align-items:start}
 .beside h2{grid-column:1/-1}.side{grid-column:2;grid-row:2;padding-top:2rem}
 .beside figure.drawn{grid-column:1;grid-row:2;margin-right:0}}
.workings{margin-top:2.5rem}
@media screen and (max-width:760px){figure.drawn{margin:1rem -1rem 1.25rem}
 .stacked,.stacked tbody,.stacked tr,.stacked th,.stacked td{display:block;border:0;padding:0}
 .stacked thead{display:none}
 .stacked tr{border-top:1px solid var(--hair);padding:.6rem 0}.stacked td{padding:.1rem 0}
 .stacked tbody th{font-weight:600;max-width:none}.stacked td.empty{display:none}
 .stacked td::before{content:attr(data-label) ": ";color:var(--quiet)}}
@media print{figure.drawn{max-width:15cm;break-inside:avoid}h2{margin-top:1.25rem;break-after:avoid}}
"""
