"""Single-case effect sizes against what stands beside the published sets: known_answers.json and their PROVENANCE.md.

Every set of both folders is run: all of its cases, every two neighbouring phases.
"""

import pytest

from mainstay.quantities import CannotSay
from mainstay.trials import between_cases, effect_sizes, overlap, piecewise
from mainstay.trials.overlap_sorted import pand_sorted
from trials.known_answers_sets import COLUMNS, SCAN, SCDHLM, cases, comparable, known

LAMBERT = ("HPS ABk Lambert disruptive", "HPS ABk Anglesea")
WRITING = ("writing quality", "T-unit length", "number of constructions")


def parts(found):
    return [found.g, found.variance, found.phi, found.rho, found.nu]


def lambert():
    rows = comparable("Lambert", measure="disruptive behavior")
    return between_cases.phases_repeated(
        rows["outcome"], rows["treatment"] == "RC", rows["case"], rows["phase"], rows["time"]
    )


def anglesea():
    rows = comparable("Anglesea")
    return between_cases.phases_repeated(
        rows["outcome"], rows["condition"] == "treatment", rows["case"], rows["phase"], rows["session"]
    )


def baselines(name, **where):
    rows = comparable(name, **where)
    return between_cases.multiple_baseline(
        rows["outcome"], rows["treatment"] == "treatment", rows["case"], rows["time"]
    )


def test_lambert_disruptive_behaviour():
    entry = known("singlecase_scdhlm", LAMBERT[0])
    assert parts(lambert()) == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_anglesea():
    entry = known("singlecase_scdhlm", LAMBERT[1])
    assert parts(anglesea())[:2] == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_saddler():
    entry = known("singlecase_scdhlm", "HPS MB Saddler quality/T-unit/constructions")
    found = [baselines("Saddler", measure=measure).g for measure in WRITING]
    assert found == pytest.approx(entry["value"], abs=entry["tolerance"])
    assert baselines("Saddler", measure=WRITING[0]).variance == pytest.approx(0.334913, abs=1e-6)


def test_laski():
    entry = known("singlecase_scdhlm", "HPS MB Laski")
    assert parts(baselines("Laski")) == pytest.approx(entry["value"], abs=entry["tolerance"])


def test_johanna():
    entry = known("singlecase_scan", "exampleAB Johanna")
    line = effect_sizes.overview(cases("exampleAB")["Johanna"])
    found = [line[name] for name in ("Diff_mean", "SMD", "Hedges_g", "Diff_trend")]
    assert found == pytest.approx(entry["value"], abs=1e-4)


def test_johannas_piecewise_table_sums_as_published():
    # what scan's test sums is the whole table of coefficients: value, error, t and p
    fit = piecewise.plm(cases("exampleAB")["Johanna"])
    table = [(term.value, term.se, term.statistic, term.p) for term in fit.terms]
    assert sum(value for row in table for value in row) == pytest.approx(94.64233, abs=5e-6)


def test_by_hearts_pooled_improvement_rate_difference():
    found = effect_sizes.of_cases(tuple(cases("byHeart2011").values()), better=1)
    assert round(found.ird, 3) == 0.845


def test_parkers_pand():
    [case] = cases("Parker2009").values()
    a, b, _, _ = case.pair()
    assert 100 * pand_sorted([(a, b)]).share == pytest.approx(100.0)
    assert 100 * overlap.pand(a, b).estimate == pytest.approx(86.95652, abs=5e-6)


def test_the_worked_example_of_pand():
    found = pand_sorted([([20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29])])
    assert 100 * found.share == pytest.approx(84.61538, abs=5e-6)
    assert round(found.phi, 4) == 0.6905


def scan_sets():
    return sorted(path.stem for path in SCAN.glob("*.csv") if not path.stem.endswith("l2"))


@pytest.mark.parametrize("name", scan_sets())
def test_every_set_of_scan_runs(name):
    found = tuple(cases(name).values())
    for case in found:
        for a in range(len(case.stretches) - 1):
            sizes = effect_sizes.of_case(case, better=1, a=a, b=a + 1)
            values = [size for size in sizes.values() if not isinstance(size, CannotSay)]
            assert len(values) >= 5, (case.name, sizes)
            for size in values:
                assert size.interval is None or size.interval.low <= size.estimate <= size.interval.high, size
        assert effect_sizes.overview(case)
        assert piecewise.plm(case).observations > 0
    together = effect_sizes.of_cases(found, better=1)
    assert set(together.cases) == {case.name for case in found}


def test_the_names_of_the_columns_are_those_of_sets_that_exist():
    assert set(COLUMNS) <= set(scan_sets()) or not SCAN.exists()


DESIGNS = {
    "AlberMorgan": ("condition", "session"),
    "BartonArwood": ("condition", "session"),
    "Bryant2018": ("treatment", "session"),
    "CaseHarrisGraham": ("condition", "session"),
    "Datchuk": ("condition", "session"),
    "DelemereDounavi": ("condition", "session"),
    "GunningEspie": ("condition", "session"),
    "Laski": ("treatment", "time"),
    "Musser": ("treatment", "session"),
    "Peltier": ("condition", "session"),
    "Rodgers": ("condition", "session"),
    "Rodriguez": ("condition", "session"),
    "Ruiz": ("treatment", "time"),
    "Saddler": ("treatment", "time"),
    "Salazar": ("treatment", "time"),
    "Schutte": ("treatment", "week"),
    "Thiemann2001": ("treatment", "time"),
    "Thiemann2004": ("treatment", "time"),
}
REVERSALS = {
    "Anglesea": ("condition", "session", "phase", "treatment"),
    "Carson": ("treatment", "time", "phase", "A"),
    "Lambert": ("treatment", "time", "phase", "RC"),
    "Romaniuk": ("condition", "session", "phase", "Choice"),
    "Thorne": ("condition", "session", "phase_id", "B"),
}


def test_every_set_of_scdhlm_is_run():
    assert {path.stem for path in SCDHLM.glob("*.csv")} <= set(DESIGNS) | set(REVERSALS)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_every_multiple_baseline_of_scdhlm_runs(name):
    condition, time = DESIGNS[name]
    rows = comparable(name)
    measured = next((column for column in ("measure", "series") if column in rows.columns), None)
    for measure in rows[measured].unique(maintain_order=True) if measured else [None]:
        one = rows if measure is None else comparable(name, **{measured: measure})
        baseline, treated = one[condition].unique(maintain_order=True).to_list()[:2]
        one = one.filter((one[condition] == baseline) | (one[condition] == treated))
        person = "student" if "student" in one.columns else "case"
        outcome = one["fatigue" if name == "Schutte" else "outcome"]
        owner = one[person]
        if name == "Bryant2018":
            owner = [f"{group} {who}" for group, who in zip(one["group"], one["case"], strict=True)]
        phases = [one.filter(one[person] == who)[condition].n_unique() for who in one[person].unique()]
        found = between_cases.multiple_baseline(outcome, one[condition] == treated, owner, one[time])
        if len(phases) > 1 and set(phases) == {2}:
            assert found.interval.low < found.g < found.interval.high, (measure, found)
            assert 0.0 <= found.rho < 1.0
        else:
            assert isinstance(found, CannotSay)


@pytest.mark.parametrize("name", sorted(REVERSALS))
def test_every_reversal_of_scdhlm_runs(name):
    condition, time, phase, treated = REVERSALS[name]
    rows = comparable(name)
    measured = next((column for column in ("measure", "measurement") if column in rows.columns), None)
    for measure in rows[measured].unique(maintain_order=True) if measured else [None]:
        one = rows if measure is None else comparable(name, **{measured: measure})
        one = one.filter(one[phase].cast(str).str.starts_with("C").not_())
        pair = [str(value)[-1] for value in one[phase]]
        found = between_cases.phases_repeated(one["outcome"], one[condition] == treated, one["case"], pair, one[time])
        if one["case"].n_unique() < 2:
            assert isinstance(found, CannotSay)
            continue
        assert found.interval.low < found.g < found.interval.high, (measure, found)
        assert found.observations == len(one)
