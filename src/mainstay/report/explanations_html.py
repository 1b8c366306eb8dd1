"""Explanations as one file for a browser: what is known, what is not, what to do next; each cause; the evidence."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.notice.alert import Alert
from mainstay.quantities import Answer
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import Account, Cause, Evidence, account_of
from mainstay.report.explanations_text import (
    ASIDE,
    CAUSES,
    EVIDENCE,
    KNOWN,
    NEXT,
    NOTHING_KNOWN,
    NOTHING_NEXT,
    NOTHING_OPEN,
    PARKED,
    UNKNOWN,
    UNLISTED_NAME,
    UNLISTED_SAYS,
    WEIGHTS_MEAN,
    WORKINGS,
    could_words,
    in_matrix,
    in_short,
    signed,
    silent,
    silent_words,
    told_apart,
)
from mainstay.report.explanations_words import (
    LEGEND,
    STATUS_MEANS,
    STATUS_WORDS,
    begun,
    place_of_sign,
    ratio_words,
    sign_words,
    status_words,
    weight_words,
)
from mainstay.report.html import alert_section, answers_section, escaped, page_head
from mainstay.report.patterns_pictures import PICTURES_SHEET, bar_of, patterns_section
from mainstay.report.text import HOW_TO_READ, context_line, sections

PATTERNS = "The patterns, one by one"
MUTE = "says nothing of it"
_TONES = ("against2", "against", "none", "for", "for2")


def explanations_html(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    alert: Alert | None = None,
    *,
    below: str = "",
    note: str = "",
) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched.

    `below`: further sections as markup of this package's own, such as a replay, before how it was worked out. `note`:
    said under the date.
    """
    parts = [
        page_head(title).replace("</style>", f"{EXPLANATIONS_SHEET}{PICTURES_SHEET}</style>", 1),
        f"<header><h1>{escaped(title)}</h1><p class='quiet'>{escaped(context_line(context))}</p>"
        f"{f'<p>{escaped(note)}</p>' if note else ''}</header>",
        f"<main>{alert_section(alert)}",
        *explanations_parts(answers, below),
        f"</main><footer><p>{escaped(HOW_TO_READ)}</p><p>Made on {context.made_at.as_local:%Y-%m-%d %H:%M}, on the "
        "person’s own machine. This file is not encrypted: whoever has it can read it.</p></footer>",
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def explanations_parts(answers: Sequence[Answer], below: str = "", *, patterns: bool = True) -> list[str]:
    """The page without its frame, part by part. `patterns`: with what the explanations rest on, drawn and in words."""
    account = account_of(answers)
    return [
        _in_short(account),
        "<div class='blocks'>",
        _block("known", KNOWN, [(one, "") for one in account.known], NOTHING_KNOWN),
        _block("unknown", UNKNOWN, [(one, "") for one in account.unknown], NOTHING_OPEN),
        _block("next", NEXT, account.next, NOTHING_NEXT, numbered=True),
        "</div>",
        _causes(account),
        _matrix(account),
        patterns_section(answers) if patterns else "",
        _pairs(PARKED, account.parked),
        _pairs(ASIDE, account.set_aside),
        _patterns(answers) if patterns else "",
        below,
        _workings(account),
    ]


def _in_short(account: Account) -> str:
    if account.overall is None:
        return ""
    status, said = in_short(account)
    return f"<section class='lead'><p class='claim'><b>{status}</b> {escaped(said)}</p></section>"


def _block(kind: str, heading: str, told: Sequence[tuple[str, str]], nothing: str, *, numbered: bool = False) -> str:
    if not told:
        return f"<section class='block {kind}'><h2>{heading}</h2><p>{nothing}</p></section>"
    tag = "ol" if numbered else "ul"
    items = "".join(f"<li>{escaped(text)}{_quiet(more)}</li>" for text, more in told)
    return f"<section class='block {kind}'><h2>{heading}</h2><{tag}>{items}</{tag}></section>"


def _quiet(text: str) -> str:
    return f"<p class='quiet'>{escaped(text)}</p>" if text else ""


def _causes(account: Account) -> str:
    if not account.causes:
        return ""
    each = "".join(_unlisted(one) if one.unlisted else _cause(one) for one in told_apart(account))
    rest = "".join(_quiet(sentence) for sentence in silent_words(account)) + _asks(silent(account))
    return (
        f"<section class='wide-section'><h2>{CAUSES}</h2>{_quiet(WEIGHTS_MEAN)}"
        f"<div class='causes'>{each}</div>{rest}{_statuses(account)}</section>"
    )


def _cause(one: Cause) -> str:
    status = f" <span class='status'>{escaped(status_words(one.status))}</span>" if one.status in STATUS_WORDS else ""
    listed = [
        *(("+", "for", text) for text in one.speaks_for),
        *(("−", "against", text) for text in one.speaks_against),
    ]
    told = "".join(
        f"<li><b aria-hidden='true'>{mark}</b><span class='heard'>{word}: </span>{escaped(begun(text))}</li>"
        for mark, word, text in listed
    )
    could = _quiet(could_words(one)) if one.could_speak_against and not one.speaks_against else ""
    return (
        f"<article class='cause'><h3>{escaped(begun(one.name))}{status}</h3>{_bar(one)}"
        f"<p>{escaped(one.cause)}</p><ul class='signs'>{told}</ul>{could}</article>"
    )


def _unlisted(one: Cause) -> str:
    return (
        f"<article class='cause unlisted'><h3>{UNLISTED_NAME}</h3>{_bar(one)}<p>{escaped(UNLISTED_SAYS)}</p></article>"
    )


def _bar(one: Cause) -> str:
    words = escaped(weight_words(one.weight, one.low, one.high))
    bar = bar_of(100.0 * one.weight, 100.0 * one.low, 100.0 * one.high)
    return f"<div class='weight'>{bar}<span>Weight {words}</span></div>"


def _asks(causes: Sequence[Cause]) -> str:
    """What could be recorded so that the records say something of them, folded away."""
    told = "".join(f"<dt>{escaped(begun(one.name))}</dt><dd>{escaped(one.ask)}</dd>" for one in causes if one.ask)
    return (
        f"<details><summary>What would let the records speak of them</summary><dl>{told}</dl></details>" if told else ""
    )


def _statuses(account: Account) -> str:
    """What the status words that stand on this page mean, folded away."""
    there = dict.fromkeys(one.status for one in account.causes if one.status in STATUS_MEANS)
    told = "".join(
        f"<dt>{escaped(begun(STATUS_WORDS[one]))}</dt><dd>{escaped(begun(STATUS_MEANS[one]))}.</dd>" for one in there
    )
    return f"<details><summary>What the words beside the names mean</summary><dl>{told}</dl></details>" if told else ""


def _matrix(account: Account) -> str:
    names = in_matrix(account)
    if not names:
        return ""
    body = "".join(
        f"<tr><th scope='row'>{escaped(begun(row.came_out))}</th>{''.join(_cell(row, name) for name in names)}</tr>"
        for row in account.evidence
    )
    return (
        f"<section class='wide-section'><h2>{EVIDENCE}</h2><p class='quiet'>{escaped(LEGEND)}</p>"
        f"<div class='scroll' role='region' aria-label='{EVIDENCE}' tabindex='0'><table class='matrix'>"
        f"<thead><tr><th scope='col'>What came out</th>{_heads(names)}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{_numbers(account, names)}</section>"
    )


def _heads(names: Sequence[str]) -> str:
    return "".join(f"<th scope='col'><span>{escaped(begun(name))}</span></th>" for name in names)


def _cell(row: Evidence, name: str) -> str:
    if name not in row.log_ratio:
        return f"<td><span class='heard'>{MUTE}</span></td>"
    ratio = row.log_ratio[name]
    return (
        f"<td class='{_TONES[place_of_sign(ratio)]}'><span aria-hidden='true'>{signed(row, name)}</span>"
        f"<span class='heard'>{sign_words(ratio)}</span></td>"
    )


def _numbers(account: Account, names: Sequence[str]) -> str:
    body = "".join(
        f"<tr><th scope='row'>{escaped(begun(row.came_out))}</th>"
        + "".join(
            f"<td>{escaped(ratio_words(row.log_ratio[name])) if name in row.log_ratio else ''}</td>" for name in names
        )
        + f"<td>{row.n or ''}</td></tr>"
        for row in account.evidence
    )
    return (
        "<details><summary>The same in numbers</summary><p class='quiet'>How many times as likely what came out is if "
        "this is the cause, against some cause nobody listed.</p><div class='scroll'><table class='numbers'><thead><tr>"
        f"<th scope='col'>What came out</th>{_heads(names)}<th scope='col'><span>Records</span></th></tr></thead>"
        f"<tbody>{body}</tbody></table></div></details>"
    )


def _pairs(heading: str, pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    told = "".join(f"<dt>{escaped(begun(name))}</dt><dd>{escaped(begun(why))}</dd>" for name, why in pairs)
    return f"<section><h2>{heading}</h2><dl>{told}</dl></section>"


def _patterns(answers: Sequence[Answer]) -> str:
    """Every other answer with its workings, folded away: the page above tells the most of them."""
    others = [one for one in answers if one.row not in ("S14", "S17")]
    if not others:
        return ""
    told = "".join(answers_section(heading, group) for heading, group in sections(others))
    return f"<details class='patterns'><summary>{PATTERNS}</summary><div class='answers'>{told}</div></details>"


def _workings(account: Account) -> str:
    if not account.workings:
        return ""
    told = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(begun(text))}</dd>" for name, text in account.workings)
    return f"<details><summary>{WORKINGS}</summary><dl>{told}</dl></details>"


EXPLANATIONS_SHEET = """
.heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.lead{margin:1.5rem 0 0}.lead .claim{line-height:1.5}
.blocks{display:grid;gap:1.25rem;margin:1.5rem 0 0}
@media (min-width:1000px){.blocks{grid-template-columns:repeat(3,1fr)}}
.block{padding:1rem 1.25rem 1.1rem;border:1px solid var(--hair);border-radius:.5rem;max-width:none}
.block h2{margin:0 0 .5rem;padding:0;border:0}
.block ul,.block ol{margin:0;padding-left:1.2rem}.block li{margin:0 0 .55rem;padding-left:.15rem}
.block.next{border-color:var(--mark);border-width:2px}
.wide-section{max-width:none}.wide-section>p{max-width:44rem}
.causes{display:grid;gap:.5rem 3.5rem;margin-top:1rem}
@media (min-width:1000px){.causes{grid-template-columns:1fr 1fr}}
.cause{border:0;border-top:1px solid var(--hair);margin:0;padding:.9rem 0 .6rem}
.cause h3{font-size:1.0625rem;margin:0 0 .3rem;display:flex;flex-wrap:wrap;gap:.25rem .6rem;align-items:baseline}
.status{font-weight:400;font-size:.875rem;color:var(--quiet);
 border:1px solid var(--hair);border-radius:1rem;padding:0 .6rem}
.weight{display:flex;flex-wrap:wrap;gap:.15rem .8rem;align-items:center;margin:0 0 .5rem;font-size:.9375rem}
.weight svg{width:13rem;max-width:100%;height:.9rem;flex:none}
.weight .ground{fill:var(--hair)}.weight .range{fill:var(--mark);opacity:.35}.weight .at{fill:var(--ink)}
.unlisted .range{fill:var(--quiet)}
.signs{list-style:none;margin:.4rem 0;padding:0}
.signs li{position:relative;padding-left:1.4rem;margin:0 0 .3rem}
.signs b{position:absolute;left:.2rem}
.matrix th:first-child,.numbers th:first-child{white-space:normal;min-width:13rem;max-width:26rem;padding-right:1.25rem}
.matrix tbody th{font-weight:400;color:var(--ink)}
.numbers tbody th{font-weight:400}
.matrix td,.matrix thead th:not(:first-child){text-align:center;padding:.3rem .5rem;min-width:3.2rem}
.matrix tbody th,.matrix td{vertical-align:top;padding-top:.45rem;padding-bottom:.45rem}
.matrix td{color:var(--ink);font-weight:650;font-size:1.0625rem}
.matrix td.none{color:var(--quiet);font-size:1.5rem;line-height:1}
.matrix td.for2,.matrix td.against2{background:var(--hair)}
.replay td,.replay th{text-align:left;vertical-align:top}.replay td{color:var(--ink)}
.patterns{margin-top:2.5rem}.patterns>summary{font-weight:600;color:var(--ink);font-size:1.0625rem}
@media screen and (max-width:760px){
 .matrix th:first-child{position:sticky;left:0;background:var(--paper);
 min-width:9.5rem;max-width:9.5rem;padding-right:.6rem}
 .matrix thead th:not(:first-child) span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left}
 .matrix td,.matrix thead th:not(:first-child){min-width:2.1rem;padding-left:.2rem;padding-right:.2rem}
 .replay,.replay tbody,.replay tr,.replay th,.replay td{display:block;border:0;padding:0}.replay thead{display:none}
 .replay tr{border-top:1px solid var(--hair);padding:.6rem 0}.replay td{padding:.15rem 0}
 .replay td.empty{display:none}
 .replay td::before{content:attr(data-label) ": ";color:var(--quiet)}
 .block{padding:.85rem 1rem}}
@media print{.blocks,.causes{display:block}.block{padding:.4rem .8rem;margin:0 0 .6rem}
 .block p,.block li{margin:0 0 .2rem}
 .block,.cause,tr{break-inside:avoid}.scroll{overflow:visible}h2{margin-top:1.25rem}h2,h3,h3+p{break-after:avoid}
 .quiet,table,dl{font-size:9.5pt}.claim{font-size:11.5pt}}
"""
