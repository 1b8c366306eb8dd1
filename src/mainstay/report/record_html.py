"""The picture of the record as one file for a browser, with the same in tables: no network and no script."""

from __future__ import annotations

from mainstay.quantities import Instant
from mainstay.report.html import PHONE, WIDE, escaped, inlined, page_head
from mainstay.report.record_picture import record_caption, record_spec
from mainstay.report.record_words import gap_table, stream_table, week_table
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.streams import StreamDays


def record_html(title: str, timeline: Timeline, streams: tuple[StreamDays, ...], *, made_at: Instant) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched."""
    label = escaped(f"{title}. {record_caption(timeline)}")
    pictures = ""
    for name, width in (("wide", WIDE), ("phone", PHONE)):
        spec = record_spec(timeline, streams, width=width, title=title)
        pictures += f"<div class='picture {name}'>{inlined(spec, name, label)}</div>"
    tables = (
        ("Streams", stream_table(timeline, streams)),
        ("Answered, by week", week_table(timeline)),
        ("Gaps", gap_table(timeline)),
    )
    parts = [
        page_head(title),
        f"<header><h1>{escaped(title)}</h1></header><main><figure>{pictures}</figure>",
        *(_table(name, *table) for name, table in tables if table[1]),
        f"</main><footer><p>Made on {made_at.as_local:%Y-%m-%d %H:%M}, on the person’s own machine. This file is not "
        "encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(name: str, names: list[str], rows: list[list[str]]) -> str:
    head = "".join(f"<th scope='col'>{escaped(one)}</th>" for one in names)
    body = "".join(
        f"<tr><th scope='row'>{escaped(row[0])}</th>{''.join(f'<td>{escaped(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        f"<details><summary>{escaped(name)}</summary><div class='scroll'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
