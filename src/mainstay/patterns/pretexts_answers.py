"""Pretexts in words: what behaves like a refuge under another name (S10), and how many were asked."""

from __future__ import annotations

from collections import Counter

from mainstay.patterns.pretexts import WRONG_PROPOSALS, Pretext, Search, search
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.criticise import strain_at_acts
from mainstay.strain.data import FEWEST_ACTS
from mainstay.strain.judge import SEEKS_MORE, Z90
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.refuges import HAZARD_RATIO
from mainstay.strain.wording import number, place_of, times_as_often
from mainstay.timeline.kinds import Timeline

METHOD = (
    "each event beside the same hours of other weeks and in the same roles, by strain foreseen from before it; what it "
    "does to strain at once as a term in the model; both, over all asked (Berger 1982; Holm 1979); then marked as "
    "relief in a copy of the record, fitted anew and held to the checks of a refuge"
)
PROPOSED = "proposed pretext"
NAMED_OTHERWISE = "times noted under another name"
EACH_TIME = 0.95
IN_WORDS = {"demand": "a demand", "slip": "a slip", "other": "“other”"}


def pretext_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S10: one answer for each event proposed, one for all others asked, and one for each refuge that is marked as

    relief and still noted under another name. Nothing where no check-in tells of strain.
    """
    if not fitted.data.readings:
        return ()
    noted = tuple(one for label in fitted.data.refuges if (one := _noted_otherwise(timeline, fitted, label)))
    found = search(timeline, fitted)
    if not found.asked and not found.not_asked:
        return noted
    return (*(_proposed(found, fitted, one) for one in found.proposed), _rest(found), *noted)


def _proposed(found: Search, fitted: StrainPosterior, one: Pretext) -> Finding:
    assert one.eases is not None
    assert one.eases_sd is not None
    data = fitted.data
    points = f"{number(one.eases)} points" if number(one.eases) != "1.0" else "a point"
    claim = (
        f"“{one.label}” is on record as {IN_WORDS[one.is_]}, but comes {times_as_often(one.ratio)} when strain is "
        f"higher by {data.one_step}, and takes about {points} off it: it behaves like a refuge."
    )
    return Finding(
        row="S10",
        about=one.label,
        status="suggested",
        claim=claim,
        quantity=f"{PROPOSED}, {HAZARD_RATIO}",
        estimate=one.ratio,
        interval=one.interval,
        unit="times",
        n=one.n,
        method=METHOD,
        evidence=(place_of(found.timeline), f"{one.n} occasions, one of {len(found.asked)} kinds of events asked"),
        assumptions=(
            "it was possible at any hour, as far as the record says",
            "nothing that is not on record brings both the event and the easing",
        ),
        would_change="mark it as relief if that is what it is; if not, leave it, and it stays a proposal",
        detail={
            "is": one.is_,
            "event": one.event,
            "contacts": list(one.contacts),
            "eases": one.eases,
            "eases_low": one.eases - Z90 * one.eases_sd,
            "eases_high": one.eases + Z90 * one.eases_sd,
            "strain_before": one.strain_before,
            "p_comes_with_strain": one.p_comes,
            "p_eases": one.p_eases,
            "p": one.p,
            "asked": len(found.asked),
            "family_wise_error": WRONG_PROPOSALS,
        },
    )


def _rest(found: Search) -> Answer:
    """All that were asked and are not proposed, in one sentence."""
    asked, told, thin = len(found.asked), len(found.proposed), len(found.not_asked)
    if not asked:
        most = max(len(found.timeline.events[label].times) for label in found.not_asked)
        few = most < FEWEST_ACTS
        return CannotSay(
            f"what else is on record ({_kinds(thin)}) comes too seldom, or without its time of day, "
            "to ask whether it behaves like a refuge",
            have=most if few else None,
            need=FEWEST_ACTS if few else None,
            unit="occasions of the commonest" if few else "",
            row="S10",
            about="pretexts",
            quantity="kinds of events asked",
            method=METHOD,
            detail={"not_asked": dict(found.not_asked)},
        )
    others = asked - told
    who = f"Of {_kinds(asked)} not marked as relief, {'the other ' + str(others) if told else 'not one'}"
    are = "is" if not told else "is not" if others == 1 else "are not"
    claim = f"{who} {are} shown to behave like a refuge: to come with strain and to ease it"
    seldom = f"; {thin} more could not be asked, too seldom or without a time of day" if thin else ""
    return Finding(
        row="S10",
        about="pretexts",
        status="not_found",
        claim=f"{claim}{seldom}.",
        quantity="kinds of events not proposed",
        estimate=float(others),
        interval=Interval(float(others), float(others)),
        unit="kinds of events",
        n=asked,
        method=METHOD,
        would_change="more occasions of them, and check-ins before and after",
        detail={
            "asked": [_row(one) for one in found.asked],
            "not_asked": dict(found.not_asked),
            "family_wise_error": WRONG_PROPOSALS,
        },
    )


def _kinds(count: int) -> str:
    return "1 kind of event" if count == 1 else f"{count} kinds of events"


def _row(one: Pretext) -> dict[str, object]:
    return {
        "label": one.label,
        "is": one.is_,
        "n": one.n,
        "ratio": one.ratio,
        "low": one.interval.low,
        "high": one.interval.high,
        "p_comes_with_strain": one.p_comes,
        "eases": one.eases,
        "p_eases": one.p_eases,
        "p": one.p,
        "why_not": one.failed or None,
    }


def _noted_otherwise(timeline: Timeline, fitted: StrainPosterior, label: str) -> Finding | None:
    """A refuge sought under strain that carries a tag each time, or nearly: noted as work and what not."""
    pull, sd = fitted.marginal("pull", label)
    if fitted.shown.against(label) or fitted.chance_above("pull", label, 0.0) < SEEKS_MORE:
        return None
    series = timeline.events[label]
    n = len(series.ids)
    tags = Counter(tag.strip() for one in series.ids for tag in dict.fromkeys(series.tags.get(one, ())))
    always = [(tag, count) for tag, count in tags.most_common() if count >= EACH_TIME * n and tag != label]
    if not always:
        return None
    names = " and ".join(f"“{tag}”" for tag, _ in always)
    least = min(count for _, count in always)
    how = "each time" if least == n else f"nearly each time ({least} of {n})"
    rest = [(tag, count) for tag, count in tags.most_common() if (tag, count) not in always]
    sometimes = f" ({', '.join(f'{count} times “{tag}”' for tag, count in rest[:3])})" if rest else ""
    return Finding(
        row="S10",
        about=label,
        status="found",
        claim=f"“{label}” is noted as {names} {how}{sometimes}; it is sought under strain, as a refuge is.",
        quantity=NAMED_OTHERWISE,
        estimate=float(least),
        interval=Interval(float(least), float(least)),
        unit="times",
        n=n,
        method="tags on record; sought under strain in the strain-and-threshold model",
        evidence=(place_of(timeline), f"{n} occasions"),
        would_change=f"other tags on “{label}”, if these are not what it was",
        detail={
            "tags": dict(tags),
            "log_hazard_ratio": pull,
            "sd": sd,
            "strain_at_it": fitted.data.unit * strain_at_acts(fitted)[label],
        },
    )
