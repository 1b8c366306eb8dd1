"""Every reader: the same export twice gives the same records, and a longer one holds all of a shorter one's."""

import shutil

import pytest

from mainstay.records.reader import read
from records.sources.samples import NOW, sample

SAMPLES = {
    "fitbit": ("importers/fitbit_export_pmdata_p01", None),
    "m-path": ("importers/mpath", "235458"),
    "daylio": ("selftracker_daylio_abid/Daylio_Abid.csv", None),
    "garmin": ("importers/garmin_fit_fitparse/tests/files/garmin-fenix-5-run.fit", None),
    "google-fit": ("importers/google_takeout_fit_niimpy/Google", None),
    "activitywatch": ("importers/activitywatch/synthetic_sample_export.json", None),
    "beiwe": ("importers/beiwe/sycamore/sample_dir", "16au2moz"),
    "open-mhealth": ("importers/google_takeout_fit_niimpy/mhealth_heart_rate.json", None),
}


def ids(path, person):
    return {record.id for record in read(path, zone="Europe/Oslo", now=NOW, person=person)[0].records}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_export_elsewhere_and_under_another_name_gives_the_same_records(name, tmp_path):
    where, person = SAMPLES[name]
    path = sample(where)
    copy = tmp_path / f"another name{path.suffix}"
    (shutil.copytree if path.is_dir() else shutil.copyfile)(path, copy)
    assert ids(copy, person) == ids(path, person)


@pytest.mark.parametrize(("name", "pattern"), [("daylio", "*.csv"), ("m-path", "*_basic.csv")])
def test_a_longer_export_holds_all_records_of_a_shorter_one(name, pattern, tmp_path):
    where, person = SAMPLES[name]
    whole = sample(where)
    folder = tmp_path / "part"
    if whole.is_dir():
        shutil.copytree(whole, folder)
    else:
        folder.mkdir()
        shutil.copyfile(whole, folder / whole.name)
    (path,) = folder.glob(pattern)
    lines = path.read_bytes().splitlines(keepends=True)
    kept = lines[:-300] if name == "m-path" else [lines[0], *lines[300:]]  # Daylio writes the newest first
    path.write_bytes(b"".join(kept))
    assert ids(folder, person) <= ids(whole, person)
