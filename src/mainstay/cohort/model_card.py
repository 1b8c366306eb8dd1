"""What a run over many people was, and what it is not for, on one page: a model card (Mitchell et al. 2019).

Everything in it is worked out from the run, but for the sentences that hold of every run (`model_card_text`). It may be
shared with the group's tables, so it keeps their rule: counts of people in steps of the smallest cell, averages over at
least as many, and nothing of fewer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

import mainstay
from mainstay.cohort.asked import Asked
from mainstay.cohort.group_cells import SMALLEST, in_steps
from mainstay.cohort.group_discover import Q
from mainstay.cohort.group_files import DIFFERENCES, DISCOVERIES, GROUPS, REASONS
from mainstay.cohort.group_files import PAGE as PAGE_OF_GROUP
from mainstay.cohort.held_out import GROUP_TABLE, UNITS, HeldOut
from mainstay.cohort.held_out_score import FIRST_SHARE
from mainstay.cohort.lending import PRIORS, Lent
from mainstay.cohort.model_card_text import ASKED, KNOWN, MEANT, MODELS, NOT_FOR, PAGE, UNMEASURED
from mainstay.cohort.opening import opened
from mainstay.cohort.parts import GROUP, PARTS, begun, write_whole
from mainstay.cohort.rows import FAILED, REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, PEOPLE
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Instant
from mainstay.report.words import number

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

CARD = "model-card.md"
SHARED = {
    CARD: "this page", PRIORS: "what people lend each other: one mean and one spread for each coordinate",
    GROUP_TABLE: "whether lending foretold better, on average",
    GROUPS: "what was found in the group", REASONS: "why nothing could be told, of how many",
    DIFFERENCES: "what differs between groups", PAGE_OF_GROUP: "the same as a page with pictures",
}  # fmt: skip
"""The files about groups, that may be shared; whatever else lies in a run's folder is about single people."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a card is made of: who was asked what, what came of it, whether lending was tried; the smallest cell."""

    address: str
    out: Path
    asked: Asked
    tried: HeldOut | CannotSay | None = None
    smallest: int = SMALLEST


def write_card(run: Run) -> Path:
    """Writes the card of a finished run to `group/model-card.md`. Refuses (`BadRequest`) a folder without one."""
    place = run.out / GROUP / CARD
    place.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(place, card(run).encode())
    return place


def card(run: Run) -> str:
    """The card as Markdown."""
    import polars as pl

    held = begun(run.out)
    if held is None or not (run.out / PEOPLE).exists():
        raise BadRequest(f"{run.out} holds no finished run to describe")
    people = pl.read_parquet(run.out / PEOPLE)
    as_of = Instant.parse(str(held["as_of"]))
    sections = (
        ("Model details", _details(run, as_of)),
        ("Intended use", [*_list(MEANT), "", "It must not be used for:", "", *_list(NOT_FOR)]),
        ("Factors", _factors(run)),
        ("Data", _data(run, people)),
        ("Metrics", _metrics(run)),
        ("Quantitative analyses", _analyses(run, people)),
        ("Ethical considerations", _ethics(run)),
        ("Caveats and recommendations", _caveats(run)),
        ("Files", _files(run)),
    )
    head = f"# Model card: {ASKED[run.asked.what]}, asked of many people"
    body = "\n".join(f"\n## {name}\n\n" + "\n".join(lines) for name, lines in sections)
    return f"{head}\n{body}\n"


def _list(sentences: Iterable[str]) -> list[str]:
    return [f"- {one}" for one in sentences]


def people_in_words(count: int, smallest: int) -> str:
    """A count of people as it may be told."""
    least = in_steps(count, smallest)
    return f"{least:,} to {least + smallest - 1:,} people" if least else f"fewer than {smallest} people"


def _details(run: Run, as_of: Instant) -> list[str]:
    asked = run.asked
    told = [
        f"Mainstay {mainstay.__version__}, `mainstay cohort --what {asked.what}`, on "
        f"{asked.now.as_local.date().isoformat()}; everybody as of {as_of.as_local.date().isoformat()}.",
        *MODELS[asked.what],
    ]
    if asked.what in {"strain", "story"}:
        told.append(_priors(run))
    return _list(told)


def _priors(run: Run) -> str:
    given = run.asked.given
    if not isinstance(given, Lent):
        return "Priors: the usual ones for everybody, on what a person can judge; nothing is lent between people."
    if isinstance(given.pooled, CannotSay):
        return "Priors: the usual ones for everybody. Lending was asked for, and fewer than twenty people lend."
    kinds = sorted({name.split(":")[0].replace("_", " ") for name in given.pooled.priors})
    return (
        f"Priors: {given.mark.split(',')[0]} ({people_in_words(given.pooled.people, run.smallest)}), for "
        f"{', '.join(kinds)}. Whoever is unlike the others keeps about the usual prior. Lent is what people are like; "
        "what strains or eases them, and how they change, is never lent (docs/decisions/0011-pooled-priors.md)."
    )


def _factors(run: Run) -> list[str]:
    alone = "Each person is told from their own records alone"
    lent = isinstance(run.asked.given, Lent) and not isinstance(run.asked.given.pooled, CannotSay)
    return _list(
        (
            f"{alone}, but for what others lend, as said above." if lent else f"{alone}.",
            "How often people check in, for how long, and whether they note demands and acts decides what can be told.",
            "Groups are told apart only by columns that the data set has for it, with `--by`.",
        )
    )


def _data(run: Run, people: pl.DataFrame) -> list[str]:
    told = people.filter(people["state"] == TOLD)
    name = unquote(run.address.split("?")[0]).rstrip("/").rsplit("/", 1)[-1]
    about: dict[str, Any] = getattr(opened(run.address), "about", {})
    lines = [f"Source: `{name}`. {_consent(about)}"]
    lines += [f"Assumed, where the study's files are silent: {one}." for one in about.get("assumed", ())]
    lines += _became(run, people)
    for name, words in (("records", "Records"), ("days", "Days on record")):
        values = np.sort(told[name].drop_nulls().to_numpy().astype(np.float64))
        lines.append(f"{words} of a person, {_on_average(values, run.smallest)}.")
    streams = _streams(run)
    if streams:
        lines.append(f"Streams read: {streams}")
    return _list(lines)


THIRDS = (
    "",
    " of the half with the least and that with the most",
    " of the third with the least, the next and the last",
)


def _on_average(values: Floats, smallest: int) -> str:
    """The mean of each third of the people (n,) in order, or half, or all: of at least the smallest cell each."""
    count = min(len(values) // smallest, 3)
    if not count:
        return "can't be told of so few"
    means = ", ".join(number(float(f"{part.mean():.2g}")) for part in np.array_split(values, count))
    return f"on average{THIRDS[count - 1]}: {means}"


def _consent(about: Mapping[str, Any]) -> str:
    said = about.get("consent", {})
    if said.get("by") == "study":
        purposes = ", ".join(str(one) for one in said.get("purposes", ()))
        return f"Consent by the study: {str(said.get('basis')).strip()}; for the purposes: {purposes}."
    if said.get("by") == "table":
        return "Consent by each person for each stream, as it held when the run was done."
    return "Consent by each person in their own casebook, as it held when the run was done."


def _became(run: Run, people: pl.DataFrame) -> list[str]:
    states = Counter(people["state"].to_list())
    lines = [
        f"Asked: {people_in_words(people.height, run.smallest)}; told: {people_in_words(states[TOLD], run.smallest)}; "
        f"refused: {people_in_words(states[REFUSED], run.smallest)}; broke off: "
        f"{people_in_words(states[FAILED], run.smallest)}."
    ]
    for state, became in ((REFUSED, "Refused"), (FAILED, "Broke off")):
        reasons = Counter(people.filter(people["state"] == state)["reason"].to_list())
        often = [(reason, count) for reason, count in reasons.most_common() if count >= run.smallest]
        lines += [f"{became}, {people_in_words(count, run.smallest)}: {reason}." for reason, count in often]
    return lines


def _streams(run: Run) -> str:
    """Which streams were read of how many; of a stream of fewer people than the smallest cell not even the name."""
    import polars as pl

    counts: Counter[str] = Counter()
    for part in sorted((run.out / PARTS).glob("*.arrow")):
        for rests_on in pl.read_ipc(part, columns=["rests_on"])["rests_on"].drop_nulls().to_list():
            read = json.loads(rests_on)
            counts.update(read if isinstance(read, list) else ())
    told = [f"{name} ({people_in_words(n, run.smallest)})" for name, n in counts.most_common() if n >= run.smallest]
    others = "" if len(told) == len(counts) else "; and others, of fewer people"
    return f"{', '.join(told)}{others}." if told else ""


def _metrics(run: Run) -> list[str]:
    told = ["Each estimate with a 90 % interval, or the reason why nothing can be said and what would be needed."]
    if run.asked.what in {"strain", "story"}:
        told.append("Each fit is held against its own record: a check that fails is told with the answers it concerns.")
    if run.tried is not None:
        told.append(
            "Lending: the log density that was given to later check-ins and to each day's acts, one step ahead, with "
            f"parameters fitted to the first {100 * FIRST_SHARE:.0f} % of the record; lent less usual priors, mean "
            "over people."
        )
    if (run.out / DISCOVERIES).exists():
        told.append(
            f"In whom something is found (`{DISCOVERIES}`): over the questions in which anybody is named, at most "
            f"{100 * Q:.0f} % of those named are false on average (docs/explanation/groups.md)."
        )
    return _list(told)


def _analyses(run: Run, people: pl.DataFrame) -> list[str]:
    import polars as pl

    answers = pl.read_parquet(run.out / ANSWERS, columns=["person", "status", "failed_check"])
    told = people.filter(people["state"] == TOLD).height
    lines = [f"Of {people_in_words(told, run.smallest)} told nothing more can be said."]
    if told >= run.smallest and answers.height:
        unsaid = int((answers["status"] == "cannot_say").sum())
        lines = [f"{100 * unsaid / answers.height:.0f} % of all answers say *cannot say*."]
    if run.asked.what in {"strain", "story"} and told >= run.smallest:
        failing = answers.filter(answers["failed_check"].is_not_null())["person"].n_unique()
        lines.append(_failing(failing, told, run.smallest))
    return [*_list(lines), *_tried(run)]


def _failing(failing: int, told: int, smallest: int) -> str:
    """In how many people a check of the fit speaks against an answer."""
    if min(failing, told - failing) >= smallest:
        share = 5 * round(20 * failing / told)
        return f"A check of the fit speaks against at least one answer in about {share} % of the people told."
    few = f"fewer than {smallest} people" if failing < smallest else f"all but fewer than {smallest} people"
    return f"A check of the fit speaks against at least one answer in {few}."


def _tried(run: Run) -> list[str]:
    found = run.tried
    if found is None:
        return []
    if isinstance(found, CannotSay):
        return ["- Whether lending helped can't be said: " + found.reason + "."]
    way = "each left out alone" if not found.folds else f"left out in {found.folds} folds of people"
    rows = [
        f"| {words} | {_signed(name, one.mean)} | {_signed(name, one.interval.low)} to "
        f"{_signed(name, one.interval.high)} |"
        for name, words in UNITS.items()
        if (one := found.means.get(name)) is not None
    ]
    count = people_in_words(found.means["gain"].people, run.smallest)
    return [
        f"- Held out ({count}, {way}): {found.verdict}.", "",
        "| mean over people held out | | 90 % interval |", "|---|---|---|", *rows,
    ]  # fmt: skip


def _signed(name: str, value: float) -> str:
    return f"{value:+.3f}" if name.endswith("gain") else f"{value:.3f}"


def _ethics(run: Run) -> list[str]:
    told = [
        "Read was only what consent covers, for the purpose *cohort*; it was asked once more when the run was done, "
        "and whoever had withdrawn was erased from it.",
        f"Counts of people are told in steps of {run.smallest}: 40 to 49 may be any of them. Nothing is told of fewer "
        f"than {run.smallest} people.",
        "Contacts, and what people wrote to themselves, are not read.",
    ]
    if isinstance(run.asked.given, Lent) and run.asked.given.mark.startswith("pooled"):
        told.append(
            "Lent was only by those whose consent covers *pooled_prior*, from the streams that it covers. Priors that "
            "were handed on before somebody withdrew still hold their part in a mean."
        )
    return _list(told)


def _caveats(run: Run) -> list[str]:
    known = list(KNOWN.get(run.asked.what, ()))
    if isinstance(run.asked.given, Lent) and not isinstance(run.asked.given.pooled, CannotSay):
        known += KNOWN["pooled"]
    told = [sentence for sentence, _ in known]
    page = [f"These figures, with the commands that gave them: `{PAGE}`."] if told else []
    return _list([*told, *UNMEASURED, *page])


def _files(run: Run) -> list[str]:
    there = {one.name for one in (run.out / GROUP).iterdir()} | {CARD} if (run.out / GROUP).is_dir() else {CARD}
    shared = [f"`{GROUP}/{name}`: {what}." for name, what in SHARED.items() if name in there]
    rest = sorted(one.name for one in run.out.glob("*.parquet"))
    return [
        "May be shared, as far as the study's protocol goes:", "", *_list(shared), "",
        "About single people, not encrypted, and not to be shared:", "", *_list(f"`{name}`" for name in rest),
        "- `parts/` and every other folder: work in hand; may be removed once the tables are there.",
    ]  # fmt: skip
