"""The story as one file for a browser: no network, no script, light and dark, for screen, phone and paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from mainstay.notice.alert import Alert
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.answers import AnswerContext
from mainstay.report.figure import DARK, LIGHT, Palette
from mainstay.report.picture import caption, picture_spec, picture_svg
from mainstay.report.picture_table import picture_table
from mainstay.report.text import HOW_TO_READ, alert_lines, context_line, headline, quiet_lines, sections
from mainstay.report.words import claim_of, clean, counted
from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Timeline

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
WIDE, PHONE = 1160, 380


def story_html(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    timeline: Timeline,
    curves: Curves | None,
    *,
    alert: Alert | None = None,
    lead: str = "",
    rests: str = "",
) -> str:
    """The whole story as one self-contained page. All text from records is escaped; nothing is fetched.

    `lead`, `rests`: markup of this package's own, before the picture and after the answers.
    """
    parts = [
        page_head(title),
        f"<header><h1>{escaped(title)}</h1><p class='quiet'>{escaped(context_line(context))}</p></header>",
        "<main>",
        alert_section(alert),
        lead,
        _figure(answers, timeline, curves),
        "<div class='answers'>",
        *(answers_section(heading, group) for heading, group in sections(answers)),
        "</div>",
        *(["<p>There is nothing to say yet: add records first.</p>"] if not answers else []),
        rests,
        "</main>",
        f"<footer><p>{escaped(HOW_TO_READ)}</p><p>Made on {context.made_at.as_local:%Y-%m-%d %H:%M}, on the person’s "
        "own machine. This file is not encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def alert_section(alert: Alert | None) -> str:
    """The alert in a frame of its own; empty without one."""
    if alert is None:
        return ""
    first, *rest = (escaped(line) for line in alert_lines(alert))
    return f"<section class='alert'><p class='claim'>{first}</p>{''.join(f'<p>{line}</p>' for line in rest)}</section>"


def escaped(value: str) -> str:
    """Text for a page: nothing in it is read as markup, and a number keeps its per cent sign beside it."""
    return escape(clean(value), quote=True).replace(" %", "&nbsp;%")


def page_head(title: str) -> str:
    """All that stands before the header: policy, title and style."""
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='color-scheme' content='light dark'><meta name='referrer' content='no-referrer'>"
        f"<title>{escaped(title)}</title><style>{_style()}</style></head><body>"
    )


def _figure(answers: Sequence[Answer], timeline: Timeline, curves: Curves | None) -> str:
    heading = headline(answers)
    label = escaped(f"{heading}. {caption(timeline, curves)}")
    pictures = ""
    for name, width in (("wide", WIDE), ("phone", PHONE)):
        spec = picture_spec(timeline, curves, width=width, title=heading)
        pictures += f"<div class='picture {name}'>{inlined(spec, name, label)}</div>"
    return f"<figure>{pictures}<figcaption>{_table(timeline, curves)}</figcaption></figure>"


def inlined(spec: dict[str, object], name: str, label: str) -> str:
    """The SVG to stand inside a page: its ids made its own, and its description where a screen reader looks."""
    svg = re.sub(r'(id="|url\(#)', rf"\g<1>{name}-", picture_svg(spec))
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def _table(timeline: Timeline, curves: Curves | None) -> str:
    names, rows = picture_table(timeline, curves)
    head = "".join(f"<th scope='col'>{escaped(name)}</th>" for name in names)
    body = "".join(
        f"<tr><th scope='row'>{escaped(row[0])}</th>{''.join(f'<td>{escaped(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        "<details><summary>The picture as a table</summary><div class='scroll'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def answers_section(heading: str, answers: Sequence[Answer]) -> str:
    """The answers under one heading, each with how it was worked out folded away."""
    said = "".join(_answer(answer) for answer in answers)
    return f"<section><h2>{escaped(heading)}</h2>{said}</section>"


def _answer(answer: Answer) -> str:
    kind = "cannot-say" if isinstance(answer, CannotSay) else "finding"
    quiet = "".join(f"<p class='quiet'>{escaped(line)}</p>" for line in quiet_lines(answer))
    return (
        f"<article class='{kind}'><p class='claim'>{escaped(claim_of(answer))}</p>{quiet}{_workings(answer)}</article>"
    )


def _workings(answer: Answer) -> str:
    """How it was worked out, folded away: method, what was assumed, how many records it rests on."""
    facts = [("Method", answer.method), ("Taken for granted", "; ".join(answer.assumptions))]
    if isinstance(answer, Finding) and answer.evidence:
        facts.append(("From", f"{counted(len(answer.evidence), 'record')} or stretches named in the data file"))
    told = "".join(f"<dt>{name}</dt><dd>{escaped(value)}</dd>" for name, value in facts if value)
    return f"<details><summary>How this was worked out</summary><dl>{told}</dl></details>" if told else ""


def _style() -> str:
    """The style sheet; in the dark each colour of the picture gives way to its twin in the dark palette."""
    pairs = zip(LIGHT.colours(), DARK.colours(), strict=True)
    swapped = "".join(
        f".picture [fill='{light}']{{fill:{dark}}}.picture [stroke='{light}']{{stroke:{dark}}}" for light, dark in pairs
    )
    night = f":root{{{_variables(DARK)}}}{swapped}"
    return f":root{{{_variables(LIGHT)}}}{_SHEET}@media screen and (prefers-color-scheme:dark){{{night}}}"


def _variables(palette: Palette) -> str:
    named = {"paper": palette.paper, "ink": palette.ink, "quiet": palette.quiet, "hair": palette.hair}
    return ";".join(f"--{name}:{colour}" for name, colour in {**named, "mark": palette.strain}.items())


_SHEET = """
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:1210px;background:var(--paper);color:var(--ink);
 font:1.0625rem/1.55 "Helvetica Neue",Helvetica,Arial,"Liberation Sans",sans-serif;-webkit-text-size-adjust:100%}
header,section,footer{max-width:44rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .25rem;font-weight:650}
h2{font-size:1.125rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--hair)}
p{margin:0 0 .35rem}
.quiet,footer,summary,dl,table{color:var(--quiet);font-size:.9375rem}
figure{margin:1.25rem -26px 0}
@media (min-width:1000px){.answers{display:grid;grid-template-columns:1fr 1fr;gap:0 3.5rem;align-items:start}}
.picture svg{display:block;max-width:100%;height:auto}
.phone{display:none}
figcaption{margin:.25rem 26px}
article{margin:0 0 1.4rem;padding-left:1rem;border-left:3px solid var(--mark)}
article.cannot-say{border-left:3px dotted var(--quiet)}
.alert{margin:1.5rem 0 0;padding:.9rem 1.1rem;border:1px solid var(--hair);border-radius:.5rem}
.alert p{color:var(--quiet)}.alert .claim{color:var(--ink);font-weight:600}
.claim{font-size:1.125rem;line-height:1.45}
.cannot-say .claim{color:var(--quiet)}
details{margin:.35rem 0}
summary{cursor:pointer;width:fit-content;padding:.15rem 0}
summary:focus-visible{outline:2px solid var(--mark);outline-offset:3px}
dl{margin:.25rem 0}dt{font-weight:600}dd{margin:0 0 .35rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.5rem 0;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--hair);text-align:right;vertical-align:bottom}
th{font-weight:600}th:first-child{text-align:left;white-space:nowrap}
footer{margin-top:3rem;border-top:1px solid var(--hair);padding-top:1rem}
@media (max-width:760px){body{padding:1.25rem 1rem 3rem}.wide{display:none}.phone{display:block}
 figure{margin:1rem -1rem 0}.phone svg{width:100%;max-width:480px;margin:0 auto}figcaption{margin:.25rem 1rem}
 h1{font-size:1.4rem}}
@media print{:root{--paper:#fff}.picture rect:first-child{fill:#fff}
 .answers{display:block}body{padding:0;max-width:none;font-size:10.5pt}
 .wide{display:block}.phone{display:none}
 figure{margin:1rem 0}article,figure{break-inside:avoid}h2{break-after:avoid}details:not([open]){display:none}}
"""
