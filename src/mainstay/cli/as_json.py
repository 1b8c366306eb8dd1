"""What a command tells, for other programs: versions, the alert where there is one, and the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import mainstay
from mainstay.report.answers import SCHEMA_VERSION, answer_record, plain

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import Fared
    from mainstay.notice.alert import Alert
    from mainstay.quantities import Answer
    from mainstay.report.answers import AnswerContext


def told_as_json(
    answers: Sequence[Answer],
    context: AnswerContext,
    alert: Alert | None = None,
    replay: Sequence[Mapping[str, Any]] = (),
    fared: Fared | None = None,
) -> str:
    """The answers as text. `replay`: the dates of a replay, where there was one. `fared`: how forecasts so far did."""
    whole: dict[str, Any] = {"mainstay": mainstay.__version__, "schema_version": SCHEMA_VERSION}
    if alert is not None:
        whole["alert"] = plain(asdict(alert), "alert")
    whole["answers"] = [answer_record(answer, context) for answer in answers]
    if replay:
        whole["replay"] = plain(replay, "replay")
    if fared is not None:
        whole["fared"] = plain(asdict(fared), "fared")
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False)
