"""What a trial shows: a look on any day before its end, and its report, with the figure, once it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from mainstay.doors import trials as steps
from mainstay.doors.trials import Shown
from mainstay.quantities import Answer, CannotSay, Finding, in_words
from mainstay.records.words import counted
from mainstay.report.answers import AnswerContext
from mainstay.report.figure import darkened
from mainstay.report.futures_plot import PAGE_WIDTH, PHONE_WIDTH
from mainstay.report.labels import in_words as labelled
from mainstay.report.picture import picture_svg
from mainstay.report.text import context_line, quiet_lines
from mainstay.report.trials_figures import trial_figure
from mainstay.report.trials_html import FIGURE_SAYS, trial_html
from mainstay.report.trials_words import (
    arm_lines,
    item_table,
    left_to_write,
    period_table,
    size_table,
    stand_lines,
)
from mainstay.report.words import claim_of
from mainstay.trials.claims_recovery import RECOVERY
from mainstay.trials.observing import observed
from mainstay.trials.reporting import Report
from mainstay.trials.standing import stands
from mainstay.web.desk import Working
from mainstay.web.forms import Fields, posted
from mainstay.web.pages.trial_found import (
    key_of,
    last_day,
    named,
    outcome_words,
    over,
    seen,
    spoken,
    state_words,
)
from mainstay.web.showing import cut_of, desk_of, go, one_moment, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.timeline.kinds import Timeline
    from mainstay.trials.sealing import Trial

PATIENCE_S = 1.5
WORKING = "What the trial showed is being worked out. This takes some seconds."
KINDS = {
    False: "Relief: is it better while it is on?",
    True: "Recovery: does it take more again to tip over?",
}


def look(request: Request) -> Response:
    """How a trial stood when it was looked at last, or on the day the page is told as of."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial = named(found.trials, request)
    if trial.begun is None:
        raise HTTPException(404)
    looks = [one.written for one in trial.notes if one.says.kind == "looked"]
    at = cut_of(request) if found.replay else looks[-1] if looks else None
    frame: dict[str, Any] = {
        "title": "A look",
        "trial": trial,
        "key": key_of(trial),
        "replay": found.replay,
        "over": over(found, trial),
    }
    if at is None:
        return show(request, "trial_look.html", **frame, lines=(), looks=0, at="", stop="")
    told = desk_of(request).made(
        f"trial look|{key_of(trial)}", lambda timeline: _stood(timeline, trial), at, patience_s=PATIENCE_S
    )
    if isinstance(told, Working):
        return one_moment(request, told.said)
    lines, stop = told
    when = f"{in_words(at.as_local.date())}, {at.as_local:%H:%M}"
    return show(request, "trial_look.html", **frame, lines=lines, looks=len(looks), at=when, stop=stop)


def _stood(timeline: Timeline, trial: Trial) -> tuple[list[str], str]:
    """How it stands in sentences, and whether that may end it and why."""
    standing = stands(timeline, trial)
    lines = [spoken(one) for one in stand_lines(standing)]
    return lines, "" if isinstance(standing.look, CannotSay) else standing.look.stop or ""


def looked(request: Request, fields: Fields) -> Response:
    """It is looked at now, and that is kept with what was seen."""
    desk = desk_of(request)
    with desk.writing() as book:
        now = desk.clock()
        trial = named(steps.on_record(book, now=now).trials, request)
        steps.look(book, trial.name, now=now)
    return go(f"/trial/{key_of(trial)}/look")


def report(request: Request) -> Response:
    """What a trial showed; before its end only when that will be told."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial = named(found.trials, request)
    if not over(found, trial):
        last = "" if trial.begun is None else in_words(last_day(trial))
        return show(request, "trial_early.html", title="Not over yet", trial=trial, key=key_of(trial), last=last)
    told = _report(request, trial)
    if isinstance(told, Working):
        return one_moment(request, told.said)
    shown, whole = told
    return show(
        request, "trial_report.html", title="What it showed", trial=trial, key=key_of(trial),
        state=state_words(found, trial),
        context=context_line(shown.context), claims=_claims(whole, shown.timeline), checks=whole.checks,
        stand=[spoken(one) for one in stand_lines(shown.standing)], arms=arm_lines(whole), periods=period_table(whole),
        sizes=size_table(whole), items=item_table(whole), left=left_to_write(whole), figure_says=FIGURE_SAYS,
        drawn=not isinstance(shown.standing.observed, CannotSay) and trial.schedule is not None,
        outcome=outcome_words(found.timeline, trial), wide=PAGE_WIDTH, phone=PHONE_WIDTH, replay=found.replay,
    )  # fmt: skip


def claims_of(request: Request, trial: Trial) -> tuple[str, ...] | Working:
    """What a trial showed, in sentences."""
    told = _report(request, trial)
    if isinstance(told, Working):
        return told
    shown, whole = told
    return tuple(one["claim"] for one in _claims(whole, shown.timeline))


def _report(request: Request, trial: Trial) -> tuple[Shown, Report] | Working:
    made_at = desk_of(request).clock()

    def worked_out(timeline: Timeline) -> tuple[Shown, Report]:
        context = AnswerContext(timeline.as_of, timeline.known_through, made_at, timeline.purpose, timeline.left_out)
        shown = Shown(timeline, stands(timeline, trial), context)
        return shown, shown.report()

    return desk_of(request).made(
        f"trial report|{key_of(trial)}", worked_out, cut_of(request), said=WORKING, patience_s=PATIENCE_S
    )


def _claims(whole: Report, timeline: Timeline) -> list[dict[str, Any]]:
    """Each claim with what stands under it: how sure, from what, how it was worked out."""
    answers = [one for one in whole.answers if one.row == "S22"]
    return [_claim(one) for one in labelled(answers, timeline)]


def _claim(answer: Answer) -> dict[str, Any]:
    facts = [("From", counted(answer.n, "answer")) if answer.n else ("", ""), ("Method", answer.method)]
    facts.append(("Taken for granted", "; ".join(answer.assumptions)))
    return {
        "kind": KINDS[answer.quantity == RECOVERY], "claim": claim_of(answer), "quiet": quiet_lines(answer),
        "found": isinstance(answer, Finding), "facts": [(name, text) for name, text in facts if text],
    }  # fmt: skip


def figure(request: Request) -> Response:
    """The figure as an image, for a wide page or a phone, in light or dark: `?phone=1&dark=1`."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial, asked = named(found.trials, request), request.query_params
    schedule = trial.schedule
    if not over(found, trial) or schedule is None:
        raise HTTPException(404)
    width = PHONE_WIDTH if asked.get("phone") == "1" else PAGE_WIDTH
    name = outcome_words(found.timeline, trial)

    def drawn(timeline: Timeline) -> str:
        watched = observed(timeline, trial)
        return "" if isinstance(watched, CannotSay) else picture_svg(trial_figure(schedule, watched, name, width))

    svg = desk_of(request).made(f"trial figure|{key_of(trial)}|{width}", drawn, cut_of(request), patience_s=20.0)
    if isinstance(svg, Working) or not svg:
        raise HTTPException(404)
    return Response(darkened(svg) if asked.get("dark") == "1" else svg, media_type="image/svg+xml")


def page(request: Request) -> Response:
    """The report as one file, to take along."""
    found = seen(request)
    if isinstance(found, Response):
        return found
    trial = named(found.trials, request)
    if not over(found, trial):
        raise HTTPException(404)
    told = _report(request, trial)
    if isinstance(told, Working):
        return one_moment(request, told.said)
    shown, whole = told
    return Response(
        trial_html(whole, shown.context).encode(), media_type="text/html",
        headers={"content-disposition": 'attachment; filename="report.html"'},
    )  # fmt: skip


ROUTES = (
    Route("/trial/{key}/look", look, methods=["GET"]),
    Route("/trial/{key}/look", posted(looked), methods=["POST"]),
    Route("/trial/{key}/report", report),
    Route("/trial/{key}/report.html", page),
    Route("/trial/{key}/figure.svg", figure),
)
