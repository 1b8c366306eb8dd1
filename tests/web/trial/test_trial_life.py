"""A trial from its plan to its report, on the page and at the terminal, by a clock that moves."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from mainstay.casebook.by_hand import keep
from mainstay.cli import asking, run
from mainstay.doors import trials as steps
from mainstay.quantities import Instant
from mainstay.records import logged
from web.conftest import WORDS, Page, opened
from web.trial.conftest import FIRST, SUNDAY, Clock, kept, ready, the_trial, words


def answered(page: Page, day: int, eased: bool, rng: np.random.Generator) -> None:
    """Three answers on a day of the trial."""
    with page.desk.writing() as book:
        item = next(one for one in book.read("own_answers", now=page.desk.clock()).items if one.name == "tension")
        at = [Instant.of(SUNDAY + timedelta(days=day, hours=hour)) for hour in (-8, -4, -1)]
        values = np.clip(np.round(4.5 - 2.0 * eased + rng.normal(0, 0.7, 3)), 1, 7)
        records = tuple(logged.check_in(item, float(v), when, now=when) for v, when in zip(values, at, strict=True))
        keep(book, records, now=page.desk.clock())


def test_a_trial_lived_from_plan_to_report_with_the_terminal_in_between(
    case: Path, page: Page, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Each evening: what today was drawn for is read on the page and noted there, or at the terminal."""
    (tmp_path / "passphrase").touch(mode=0o600)
    (tmp_path / "passphrase").write_text(f"{WORDS}\n")
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    monkeypatch.setattr(asking, "now", clock)

    def terminal(*arguments: str) -> str:
        assert run(["trial", str(case), *arguments]) == 0
        return capsys.readouterr().out

    first = ready(page, page.fill("/trial/plan", **FIRST, step="ways").url.path)
    assert 'name="kind" value="blocks"' in first.text
    key = kept(page)
    page.fill(f"/trial/{key}/start")
    rng = np.random.default_rng(5)
    windows = [page]
    for day in range(1, 29):
        clock.set(day)
        at = (SUNDAY + timedelta(days=day)).date()
        drawn = steps.arm_on(the_trial(windows[-1], key), at).name
        answered(windows[-1], day, drawn != "as usual", rng)
        if day in (8, 22):
            assert "what was done in “evenings”" in terminal("fill", "--day", "today", "--kept", "yes")
            assert "Noted: as drawn." in words(windows[-1].get("/trial"))
        else:
            shown = windows[-1].get("/trial")
            assert f"Day {day} of 28" in words(shown)
            assert f"“{drawn}”" in words(shown)
            assert windows[-1].fill(f"/trial/{key}/day", day=str(at), kept="yes", back="trials").status_code == 200
        if day == 10:
            early = words(windows[-1].fill(f"/trial/{key}/look"))
            assert "9 of 28 days are over" in early
            assert "9 of 28 days are over" in terminal("look")
        if day == 14:  # the window is gone without a word; another one is opened
            windows.append(opened(case, clock))
    clock.set(29)
    window = windows[-1]
    report = ready(window, f"/trial/{key}/report")
    told = words(report)
    claim = re.search(r"With “an evening as oneself” it was better at once: [^.]*\.\d+ points of tension lower", told)
    assert claim is not None, told[:800]
    assert "Relief: is it better while it is on?" in told
    assert "Recovery: does it take more again to tip over?" in told
    assert told.index("Relief:") < told.index("Recovery:")
    assert '<th scope="col"></th>' not in report.text
    assert "28 of 28 days written of went as drawn" in told
    assert all(one in told for one in ("NAP", "CENT 2015 12c", "SCRIBE 2016 17", "it was looked at 2 times"))
    assert claim[0] in " ".join(terminal("report").split())
    assert claim[0] in words(ready(window, "/trial"))
    for query in ("", "?dark=1", "?phone=1&dark=1"):
        drawn = window.get(f"/trial/{key}/figure.svg{query}")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert "http" not in drawn.text.replace("http://www.w3.org/", "")
    taken = window.get(f"/trial/{key}/report.html")
    assert taken.headers["content-disposition"] == 'attachment; filename="report.html"'
    assert claim[0] in unescape(taken.text)
    again = kept(window, name="evenings again", start="2024-06-01")
    assert again != key
    for one in windows[1:]:
        one.desk.close()
