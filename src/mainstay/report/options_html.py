"""What could be done, as one file for a browser: what holds up, what still stands, what is struck out and why."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.quantities import Answer
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_words import begun
from mainstay.report.futures_page import (
    NONE,
    Draws,
    Table,
    beside,
    bullets,
    figure,
    lead,
    name,
    page,
    plain_table,
    section,
    sentences,
    workings,
)
from mainstay.report.html import escaped
from mainstay.report.options_data import (
    DOMINATED,
    RECOMMENDED,
    STANDING,
    STRUCK_OUT,
    Choice,
    Deciding,
    Tornado,
    deciding_of,
)
from mainstay.report.options_figures import tornado_figure, worth_figure
from mainstay.report.options_text import (
    BEST,
    COLUMNS,
    COMPARED,
    HANGS,
    MISSED_MEANS,
    NO_BETTER,
    NOTHING,
    OUT,
    STILL,
    about,
    after,
    cells,
    hang_words,
    lead_words,
    struck_words,
)
from mainstay.report.options_words import POINTS_MEAN, bears_words, link_words, name_of, signed
from mainstay.report.text import ONE_PERSON

BORNE = "Who bears what, and who gains"
STEPS = "Step by step"
WHO = (
    ("cost", "person", "It takes of the person"),
    ("benefit", "person", "It gives the person besides"),
    ("cost", "supporter", "It takes of the supporter"),
    ("benefit", "supporter", "It gives the supporter"),
)


def options_html(title: str, answers: Sequence[Answer], context: AnswerContext, *, note: str = "") -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched.

    `note`: said under the date.
    """
    head, rest = page(title, context, options_parts(answers), note=note, how_to_read=ONE_PERSON).split("</style>", 1)
    return f"{head}{OPTIONS_SHEET}</style>{rest}"


def options_parts(answers: Sequence[Answer], draws: Draws = figure) -> list[str]:
    """The page without its frame, part by part. `draws`: puts the figures onto it."""
    deciding = deciding_of(answers)
    nothing = deciding.whole is None and not deciding.choices and not deciding.refused
    return [
        lead(NOTHING) if nothing else lead(*lead_words(deciding.whole)),
        _cards(BEST, deciding.of(RECOMMENDED), "best"),
        _cards(STILL, deciding.of(*STANDING, "cannot_say")),
        _struck(deciding.struck),
        _compared(deciding.weighed, draws),
        _borne(deciding.choices),
        _hangs(deciding, draws),
        _cards(NO_BETTER, deciding.of(DOMINATED)),
        *(section(heading, bullets(told)) for heading, told in after(deciding)),
        workings(deciding.workings),
    ]


def _cards(heading: str, choices: Sequence[Choice], kind: str = "") -> str:
    cards = "".join(_card(one, kind) for one in choices)
    return section(heading, f"<div class='options'>{cards}</div>" if cards else "")


def _card(one: Choice, kind: str) -> str:
    steps = "".join(f"<li>{escaped(begun(link_words(step)))}</li>" for step in one.steps)
    folded = f"<details><summary>{STEPS}</summary><ol>{steps}</ol></details>" if len(one.steps) > 1 else ""
    return (
        f"<article class='option {kind}'><h3>{name(name_of(one))}</h3><p>{escaped(one.said)}</p>"
        f"<p class='quiet'>{escaped(' '.join(about(one)))}</p>{folded}</article>"
    )


def _struck(choices: Sequence[Choice]) -> str:
    """Each with its reason first; the limits stand in their order."""
    items = ""
    for one in choices:
        first, more = struck_words(one)
        items += f"<li>{escaped(first)}{sentences(more, 'quiet')}</li>"
    return section(OUT, f"<ul class='struck'>{items}</ul>" if items else "")


def _compared(weighed: Sequence[Choice], draws: Draws) -> str:
    if not weighed:
        return ""
    told = sentences([POINTS_MEAN, MISSED_MEANS], "quiet")
    drawn = draws(lambda width: worth_figure(weighed, width), "worth", _worth_says(weighed), compared_table(weighed))
    return beside(COMPARED, told, drawn)


def _worth_says(weighed: Sequence[Choice]) -> str:
    level = "Dot: on average; line: where that lies with a chance of 90 %."
    return f"{level} Dashed: leaving things as they are." if any(one.status == "" for one in weighed) else level


def compared_table(weighed: Sequence[Choice]) -> Table:
    """What each option is worth on average and at worst, what could be missed by it, and how likely it is the best."""
    return ("Option", *COLUMNS), [(name_of(one), *(cell or NONE for cell in cells(one))) for one in weighed]


def _borne(choices: Sequence[Choice]) -> str:
    """Who bears what, for each option that is not struck out; left out where nothing is written of it."""
    rows = []
    for one in choices:
        borne = one.borne or {}
        cells = [bears_words(borne[kind, who]) if (kind, who) in borne else "" for kind, who, _ in WHO]
        if any(cells) and one.status != STRUCK_OUT:
            rows.append((name_of(one), *(cell or NONE for cell in cells)))
    table: Table = ("Option", *(head for *_, head in WHO)), rows
    return section(BORNE, plain_table(BORNE, table, "plain stacked")) if rows else ""


def _hangs(deciding: Deciding, draws: Draws) -> str:
    told, tornado = sentences(hang_words(deciding)), deciding.tornado
    if tornado is None or tornado.flat:
        return section(HANGS, told)
    says = "Bars: from one end of a thing’s range to the other. Hollow: within it another option becomes the best."
    return beside(HANGS, told, draws(lambda width: tornado_figure(tornado, width), "hangs", says, _bars(tornado)))


def _bars(tornado: Tornado) -> Table:
    rows = [(begun(one.what), signed(one.low), signed(one.high), one.turns or NONE) for one in tornado.bars]
    return ("What it hangs on", "Ahead at its low end", "At its high end", "Where it turns"), rows


OPTIONS_SHEET = """
.options{display:grid;gap:.75rem 2.5rem;margin-top:.5rem}
@media (min-width:1000px){.options{grid-template-columns:1fr 1fr}}
.option{border:0;border-top:1px solid var(--hair);margin:0;padding:.8rem 0 .5rem}
.option h3{font-size:1.0625rem;margin:0 0 .3rem}
.option.best{border:2px solid var(--mark);border-radius:.5rem;padding:.9rem 1.1rem}
.part .struck{list-style:none;padding:0}
.struck li{border-left:3px dotted var(--quiet);padding-left:1rem;margin:0 0 .9rem}
@media print{.options{display:block}.option,.struck li{break-inside:avoid}}
"""
