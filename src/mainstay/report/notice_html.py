"""The picture of what is noticed as one file for a browser, with its answers in words: no network and no script."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.notice.alert import Alert
from mainstay.quantities import Answer
from mainstay.report.answers import AnswerContext
from mainstay.report.html import PHONE, WIDE, alert_section, answers_section, escaped, inlined, page_head
from mainstay.report.notice_picture import notice_picture
from mainstay.report.text import HOW_TO_READ, context_line, sections
from mainstay.timeline.kinds import Timeline


def notice_html(
    title: str, timeline: Timeline, answers: Sequence[Answer], context: AnswerContext, *, alert: Alert | None = None
) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched."""
    pictures = ""
    for name, width in (("wide", WIDE), ("phone", PHONE)):
        spec = notice_picture(timeline, answers, width=width, title=title)
        pictures += f"<div class='picture {name}'>{inlined(spec, name, escaped(spec['description']))}</div>"
    parts = [
        page_head(title),
        f"<header><h1>{escaped(title)}</h1><p class='quiet'>{escaped(context_line(context))}</p></header>",
        f"<main>{alert_section(alert)}<figure>{pictures}</figure><div class='answers'>",
        *(answers_section(heading, group) for heading, group in sections(answers)),
        f"</div></main><footer><p>{escaped(HOW_TO_READ)}</p><p>Made on {context.made_at.as_local:%Y-%m-%d %H:%M}, on "
        "the person’s own machine. This file is not encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"
