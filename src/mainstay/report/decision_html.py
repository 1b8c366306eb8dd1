"""The record of a decision as a page that prints on one side of A4: no network, no script."""

from __future__ import annotations

from mainstay.options.decision_record import DecisionRecord
from mainstay.quantities import Instant
from mainstay.report.decision_words import AGAIN, heading_words, parts_of
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_page import bullets, sentences
from mainstay.report.html import escaped, page_head

MANY_WORDS = 330
"""A record with more words than these is set smaller, so that it stays on one side."""


def decision_html(title: str, record: DecisionRecord, made_at: Instant) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched."""
    parts = parts_of(record)
    words = sum(len(text.split()) for _, told in parts for text in told)
    size = "small" if words > MANY_WORDS else "usual"
    first, known = heading_words(record)
    shown = [
        page_head(title).replace("</style>", f"{_SHEET}</style>", 1).replace("<body>", f"<body class='record {size}'>"),
        f"<header><p class='quiet'>{escaped(title)}</p><h1><bdi>{escaped(begun(record.decided))}</bdi></h1>"
        f"{sentences([begun(ended(record.what))] if record.what else [])}"
        f"<p class='quiet'>{escaped(first)} {escaped(known)}</p></header><main>",
        *(
            f"<section class='{'again' if heading == AGAIN else 'held'}'><h2>{escaped(heading)}</h2>"
            f"{sentences(told) if len(told) == 1 else bullets(told)}</section>"
            for heading, told in parts
        ),
        f"</main><footer><p>Made on {made_at.as_local:%Y-%m-%d %H:%M}, on the person’s own machine. This file is not "
        "encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(shown) + "\n"


_SHEET = """
.record{max-width:50rem}.record header,.record section,.record footer{max-width:none}
.record h1{font-size:1.6rem;margin:.1rem 0 .3rem;overflow-wrap:anywhere}
.record h2{font-size:1rem;margin:1.1rem 0 .25rem;padding-top:.5rem}
.record ul{margin:.2rem 0;padding-left:1.2rem}.record li{margin:0 0 .25rem}
.record p,.record li{overflow-wrap:anywhere}.record footer{margin-top:1.25rem}
.record .again{border:1px solid var(--hair);border-radius:.5rem;padding:.2rem 1rem .7rem;margin-top:1.1rem}
.record .again h2{border:0;margin:.3rem 0 .2rem;padding:0}
@page{size:A4;margin:14mm 16mm}
@media print{.record{font-size:10pt;line-height:1.35}.record.small{font-size:8.5pt;line-height:1.28}
 .record h1{font-size:15pt}.record h2{font-size:1.08em;margin:.75em 0 .15em;padding-top:.35em}
 .record .quiet,.record footer{font-size:.9em}.record li{margin:0 0 .12em}.record p{margin:0 0 .15em}
 .record section{break-inside:avoid}.record footer{margin-top:.8em;padding-top:.4em}
 .record .again{margin-top:.8em;padding:.1em .8em .4em}}
"""
