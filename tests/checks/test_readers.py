"""Every reader of exports, given broken and hostile twins of its samples."""

from pathlib import Path

import pytest

from checks.readers import MOST_MB, bomb, damaged, files_of, one_bad_in, outcome, peak_mb
from mainstay.records.kinds import Receipt
from mainstay.records.sources import MODULES, sources
from records.sources.apple_export import export
from records.sources.samples import sample

SAMPLES = {
    "apple-health": "importers/apple_health_healthkit_to_sqlite/tests/zip_contents",
    "calendar": "importers/ics_icalendar/issue_466_convert_tzid_with_slash.ics",
    "daylio": "importers/daylio_sample",
    "m-path": "importers/mpath",
    "fitbit": "importers/fitbit_export_pmdata_p01",
    "garmin": "importers/garmin_fit_fitparse",
    "google-fit": "importers/google_takeout_fit_niimpy",
    "activitywatch": "importers/activitywatch/synthetic_sample_export.json",
    "beiwe": "importers/beiwe",
}
"""A sample of each reader that has one, by the reader's name."""

LARGEST_HERE = 300_000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory):
    """A sample cut down to its first files, so that many twins can be made of it."""

    def one(name: str) -> Path:
        whole = sample(SAMPLES[name])
        if whole.is_file():
            return whole
        folder, size = tmp_path_factory.mktemp(name), 0
        for file, content in sorted(files_of(whole).items(), key=lambda pair: len(pair[1])):
            if size + len(content) <= LARGEST_HERE:
                size += len(content)
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content)
        return folder

    return one


def test_every_sample_belongs_to_a_reader() -> None:
    assert set(SAMPLES) <= {one.name for one in sources()}
    assert len({one.name for one in sources()}) == len(MODULES)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_broken_ends_in_a_receipt_or_a_clear_error(name: str, small, tmp_path: Path) -> None:
    said = {what: outcome(name, path) for what, path in damaged(small(name), tmp_path)}
    assert any(isinstance(one, Receipt) for one in said.values())
    nothing = said["empty 0"]
    assert isinstance(nothing, str) or not nothing.kept


@pytest.mark.long
@pytest.mark.parametrize("name", SAMPLES)
def test_a_zip_that_swells_takes_little_memory(name: str, small, tmp_path: Path) -> None:
    _, most = peak_mb(name, bomb(small(name), tmp_path / "bomb.zip"))
    assert most < MOST_MB


BEAT = (
    b'<Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" unit="count/min" '
    b'startDate="2020-01-05 10:00:00 +0100" endDate="2020-01-05 10:00:00 +0100" value="60"/>\n'
)
ENTRY = b"BEGIN:VEVENT\nDTSTART:20250105T090000Z\nDURATION:PT1H\nEND:VEVENT\n"


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "rows", "header", "row", "bad", "footer"),
    [
        ("apple-health", 1_000_000, b"<HealthData>", BEAT, BEAT.replace(b'"60"', b'"six<ty"'), b"</HealthData>"),
        ("calendar", 10_000, b"BEGIN:VCALENDAR\n", ENTRY, ENTRY.replace(b"2025", b"20xx"), b"END:VCALENDAR\n"),
    ],
)
def test_one_bad_row_among_many_is_one_refusal(
    name: str, rows: int, header: bytes, row: bytes, bad: bytes, footer: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "many"
    path.write_bytes(one_bad_in(rows, header, row, bad, footer).getvalue())
    said = outcome(name, path if name != "apple-health" else path.rename(tmp_path / "export.xml"))
    assert isinstance(said, Receipt)
    assert (said.rows_read, said.rows_refused) == (rows, 1)
    assert said.refused[0].row == rows // 2 + 1


@pytest.mark.long
def test_a_gigabyte_of_health_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    with path.open("wb") as stream:
        while stream.tell() < 1_000_000_000:
            for piece in export(500, seed=stream.tell()):
                stream.write(piece)
    word, most = peak_mb("apple-health", path)
    assert word == "Receipt"
    assert most < MOST_MB
