"""Patterns as small pictures for the page: what strain does after each refuge, and which company eases what.

Drawn from the details of S12 (`by_lag`) and S13 (`companies`, `attributes`); what lacks its detail is left out. Each
says in words what it shows, and no mark differs from another by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.quantities import Answer, Finding, Instant
from mainstay.report.explanations_words import begun
from mainstay.report.figure import nice_ticks, shortened
from mainstay.report.html import escaped
from mainstay.report.words import counted, number
from mainstay.strain.judge import Z90

HEADING = "What eases, in pictures"
COMPANY = "Who or what eases strain, and what is known of them"
COMPANY_SAYS = (
    "The share of strain taken away at once: the stroke is the estimate, the bar where it lies with a chance of 90 %. "
    "A filled dot: it is on record that this is true of them."
)
AFTER = "Strain after each refuge"
AFTER_SAYS = (
    "How much lower or higher strain is than without it. Dots with a line: check-ins beside comparable moments without "
    "it, and where that lies with a chance of 90 %. Flat bars: the same by the model."
)
MOST_ATTRIBUTES = 5
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 340, 190, 34, 12, 34
Row = Mapping[str, Any]


def patterns_section(answers: Sequence[Answer]) -> str:
    """Both pictures as one section of the page; empty where neither has anything to show."""
    inside = company_picture(answers) + after_pictures(answers)
    return f"<section class='wide-section'><h2>{HEADING}</h2>{inside}</section>" if inside else ""


def company_picture(answers: Sequence[Answer]) -> str:
    """Each company with what it eases and what is known of it, as a table with bars."""
    shared = next((one for one in answers if one.row == "S13" and one.detail.get("companies")), None)
    if shared is None:
        return ""
    companies: list[Row] = sorted(shared.detail["companies"], key=lambda row: (row["eases"] is None, -row["share"]))
    told = [one.about for one in answers if one.row == "S13"]
    attributes: list[Row] = sorted(shared.detail.get("attributes", ()), key=lambda row: row["name"] not in told)
    attributes = attributes[:MOST_ATTRIBUTES]
    since = _known_later(attributes)
    heads = "".join(
        f"<th scope='col'><span>{escaped(_plain(one['name']))}{escaped(since.get(one['name'], ''))}</span></th>"
        for one in attributes
    )
    body = "".join(_company(row, [str(one["name"]) for one in attributes]) for row in companies)
    return (
        f"<h3>{COMPANY}</h3><p class='quiet'>{COMPANY_SAYS}</p><div class='scroll' role='region' tabindex='0' "
        f"aria-label='{COMPANY}'><table class='company'><thead><tr><th scope='col'>With</th>"
        f"<th scope='col'>Eases at once</th>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _known_later(attributes: Sequence[Row]) -> dict[str, str]:
    """Of attributes that became known after the first of them: since when."""
    days = {str(one["name"]): Instant.parse(str(one["known"])) for one in attributes}
    first = min(days.values(), default=None)
    return {
        name: f" (known since {day.day_in_words})" for name, day in days.items() if first is not None and day > first
    }


def _company(row: Row, attributes: Sequence[str]) -> str:
    share, sd = float(row["share"]), float(row["share_sd"])
    told = row["eases"] is not None
    low, high = (100.0 * min(max(share + side * Z90 * sd, 0.0), 1.0) for side in (-1.0, 1.0))
    at = 100.0 * min(max(share, 0.0), 1.0)
    words = f"{at:.0f} % ({low:.0f} to {high:.0f} %)" if told else "can’t be told yet"
    bar = bar_of(at, low, high) if told else ""
    cells = "".join(
        "<td><span aria-hidden='true'>●</span><span class='heard'>yes</span></td>"
        if name in row["attributes"]
        else "<td><span class='heard'>not on record</span></td>"
        for name in attributes
    )
    name, times = escaped(begun(str(row["name"]))), counted(int(row["n"]), "time")
    return (
        f"<tr><th scope='row'>{name}<br><small>{times}</small></th>"
        f"<td><div class='weight'>{bar}<span>{escaped(words)}</span></div></td>{cells}</tr>"
    )


def after_pictures(answers: Sequence[Answer]) -> str:
    """For each refuge, strain by the hours after it, against what it would have been."""
    drawn = [one for one in answers if one.row == "S12" and isinstance(one, Finding) and one.detail.get("by_lag")]
    if not drawn:
        return ""
    rows = [row for one in drawn for row in one.detail["by_lag"]]
    low = min(0.0, *(min(row["low"], (row.get("model") or row)["low"]) for row in rows))
    high = max(0.0, *(max(row["high"], (row.get("model") or row)["high"]) for row in rows))
    figures = "".join(_after(one, low, high) for one in drawn)
    return f"<h3>{AFTER}</h3><p class='quiet'>{AFTER_SAYS}</p><div class='after'>{figures}</div>"


def _after(answer: Finding, low: float, high: float) -> str:
    """One refuge; all of them share one scale, so that they can be compared."""
    rows: list[Row] = list(answer.detail["by_lag"])
    step = (WIDTH - LEFT) / len(rows)

    def y(points: float) -> float:
        return TOP + (high - points) / max(high - low, 1e-9) * (HEIGHT - TOP - BOTTOM)

    marks = ""
    for tick in nice_ticks(low, high, 4):
        at = f"{y(tick):.1f}"
        marks += f"<line class='{'grid' if tick else 'zero'}' x1='{LEFT}' x2='{WIDTH}' y1='{at}' y2='{at}'/>"
        marks += f"<text class='end' x='{LEFT - 5}' y='{y(tick) + 4:.1f}'>{_signed(tick)}</text>"
    for k, row in enumerate(rows):
        x, model = LEFT + (k + 0.5) * step, row.get("model")
        if model:
            top, tall = y(model["high"]), max(y(model["low"]) - y(model["high"]), 1.5)
            left, wide = x - 0.32 * step, 0.64 * step
            marks += f"<rect class='band' x='{left:.1f}' y='{top:.1f}' width='{wide:.1f}' height='{tall:.1f}'/>"
        ends = f"y1='{y(row['high']):.1f}' y2='{y(row['low']):.1f}'"
        hours = f"{row['from_hours']:.0f}–{row['to_hours']:.0f}"
        marks += f"<line class='reach' x1='{x:.1f}' x2='{x:.1f}' {ends}/>"
        marks += f"<circle class='dot' cx='{x:.1f}' cy='{y(row['points']):.1f}' r='4'/>"
        marks += f"<text class='middle' x='{x:.1f}' y='{HEIGHT - 18}'>{hours}</text>"
    marks += f"<text class='middle' x='{(LEFT + WIDTH) / 2:.0f}' y='{HEIGHT - 3}'>hours after</text>"
    title = escaped(begun(shortened(answer.about, 15, WIDTH)))
    return (
        f"<figure><figcaption>{title}, in {escaped(answer.unit)}</figcaption><svg viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"role='img' aria-label='{escaped(_in_words(answer, rows))}'>{marks}</svg></figure>"
    )


def _in_words(answer: Finding, rows: Sequence[Row]) -> str:
    told = "; ".join(
        f"{row['from_hours']:.0f} to {row['to_hours']:.0f} hours after: {_signed(row['points'])} "
        f"({_signed(row['low'])} to {_signed(row['high'])})"
        for row in rows
    )
    return f"Strain after “{answer.about}” against comparable moments, in {answer.unit}: {told}."


def _signed(value: float) -> str:
    """A number with a proper minus sign."""
    return f"−{number(abs(value))}" if value < 0 and number(abs(value)) != "0" else number(value)


def _plain(name: str) -> str:
    return begun(str(name).replace("_", " "))


def bar_of(at: float, low: float, high: float) -> str:
    """A share from 0 to 100 as a bar: its range pale, the share itself a stroke. The words beside it say the same."""
    return (
        "<svg viewBox='0 0 100 10' preserveAspectRatio='none' aria-hidden='true'>"
        "<rect class='ground' x='0' y='3' width='100' height='4'/>"
        f"<rect class='range' x='{low:.1f}' y='1' width='{max(high - low, 0.5):.1f}' height='8'/>"
        f"<rect class='at' x='{min(max(at - 0.6, 0.0), 98.8):.1f}' y='0' width='1.2' height='10'/></svg>"
    )


PICTURES_SHEET = """
.company td,.company thead th:not(:first-child){text-align:center}
.company td:nth-child(2),.company thead th:nth-child(2){text-align:left;min-width:13rem}
.company th:first-child{white-space:normal;min-width:7rem}.company thead th{max-width:9rem}
.company td{color:var(--ink);vertical-align:middle}.company tbody th{color:var(--ink)}
.company small{color:var(--quiet);font-weight:400}.company .weight{margin:0}
.wide-section>h3{font-size:1.0625rem;margin:1.25rem 0 .25rem}
.after{display:flex;flex-wrap:wrap;gap:1rem 2rem}.after figure{margin:.5rem 0 0;width:26rem;max-width:100%}
.after figcaption{margin:0 0 .25rem;font-weight:600}.after svg{display:block;width:100%;height:auto}
.after text{font-size:11px;fill:var(--quiet)}.after .end{text-anchor:end}.after .middle{text-anchor:middle}
.after .grid{stroke:var(--hair)}.after .zero{stroke:var(--quiet)}.after .band{fill:var(--mark);opacity:.3}
@media print{.after figure{width:46%;break-inside:avoid}}
.after .reach{stroke:var(--ink);stroke-width:1.5}.after .dot{fill:var(--ink)}
@media screen and (max-width:760px){
 .company td:nth-child(2),.company thead th:nth-child(2){min-width:6.5rem;padding-right:.4rem}
 .company .weight svg{width:6rem}.company th:first-child{min-width:4.5rem;padding-right:.4rem}
 .company thead th:nth-child(n+3) span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;
  max-height:11rem}
 .company td:nth-child(n+3),.company thead th:nth-child(n+3){padding-left:.2rem;padding-right:.2rem}}
"""
