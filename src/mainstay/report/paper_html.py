"""The parts of the paper that a page in a browser holds besides the answers: in short, methods, limits, the consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.report.html import escaped, story_html
from mainstay.report.paper import Paper

if TYPE_CHECKING:
    from mainstay.notice.alert import Alert
    from mainstay.quantities import Answer
    from mainstay.report.answers import AnswerContext
    from mainstay.strain.posterior import Curves
    from mainstay.timeline.kinds import Timeline

NOTHING = "Nothing can be said from these records yet; what is missing stands below."


def paper_html(
    paper: Paper,
    answers: Sequence[Answer],
    context: AnswerContext,
    timeline: Timeline,
    *,
    curves: Curves | None,
    alert: Alert | None,
) -> str:
    """The paper as one self-contained page: in short and the picture, the evidence, then what it rests on."""
    return story_html(
        paper.title,
        answers,
        context,
        timeline,
        curves,
        alert=alert,
        lead=in_short(paper),
        rests=what_it_rests_on(paper),
    )


def in_short(paper: Paper) -> str:
    """Of each question that matters most what was found first."""
    points = "".join(
        f"<p><span class='quiet'>{escaped(heading)}</span><br>{escaped(claim)}"
        f"{f' <span class=quiet>({escaped(sure)})</span>' if sure else ''}</p>"
        for heading, claim, sure in paper.summary
    )
    return f"<section><h2>In short</h2>{points or f'<p>{NOTHING}</p>'}</section>"


def what_it_rests_on(paper: Paper) -> str:
    """Methods, limits and consent, in this order."""
    return f"<div class='rests'>{_methods(paper)}{_limits(paper)}{_consent(paper)}</div>"


def _methods(paper: Paper) -> str:
    told = "".join(
        f"<dt>{escaped(heading)}</dt>"
        + "".join(f"<dd>{escaped(one)}</dd>" for one in methods)
        + (f"<dd>Taken for granted: {escaped('; '.join(assumed))}.</dd>" if assumed else "")
        for heading, methods, assumed in paper.methods
    )
    folded = f"<details><summary>How each answer was worked out</summary><dl>{told}</dl></details>"
    return f"<section><h2>Methods</h2>{folded}</section>"


def _limits(paper: Paper) -> str:
    return f"<section><h2>Limits</h2><ul>{''.join(f'<li>{escaped(one)}</li>' for one in paper.limits)}</ul></section>"


def _consent(paper: Paper) -> str:
    heads, rows = paper.consent
    return f"<section><h2>The consent it rests on</h2>{_table(heads, rows)}</section>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>There are no records yet, and so nothing to consent to.</p>"
    head = "".join(f"<th scope='col'>{escaped(one)}</th>" for one in heads)
    body = "".join(
        f"<tr><th scope='row'><bdi>{escaped(row[0])}</bdi></th>"
        f"{''.join(f'<td>{escaped(one)}</td>' for one in row[1:])}</tr>"
        for row in rows
    )
    return f"<div class='scroll'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
