"""The pages about many people say what is: every column, and recipes that run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from cohort.conftest import PEOPLE
from mainstay.cohort.layout import CHARACTERISTIC_COLUMNS, COLUMNS, CONSENT_COLUMNS, ITEM_COLUMNS
from mainstay.cohort.rows import FIELDS, TOLD
from mainstay.cohort.running import OF_A_PERSON

DOCS = Path(__file__).parent.parent.parent / "docs"
LONG_ENOUGH_S = 240


def test_the_reference_names_every_column_with_its_type_and_meaning():
    page = (DOCS / "reference" / "cohort.md").read_text()
    for one in (*COLUMNS, *ITEM_COLUMNS, *CONSENT_COLUMNS, *CHARACTERISTIC_COLUMNS):
        assert f"| `{one.name}` | `{one.type}` | {one.meaning} |" in page
    comes_out = page.split("## Out")[1]
    for name in (*FIELDS, *("answers" if one == "n" else one for one in OF_A_PERSON)):
        assert f"`{name}`" in comes_out


@pytest.mark.skipif(
    os.name != "posix" or not shutil.which("openssl") or not shutil.which("bash"), reason="needs bash and openssl"
)
def test_the_recipe_for_a_cluster_runs_as_it_stands(data_set, tmp_path):
    certificates, job = re.findall(r"```bash\n(.*?)```", (DOCS / "howto" / "cluster.md").read_text(), re.DOTALL)
    (tmp_path / "people").symlink_to(data_set)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "srun").write_text('#!/bin/bash\nexec "$@"\n')
    (bin_ / "srun").chmod(0o755)
    path = os.pathsep.join([str(bin_), str(Path(sys.executable).parent), os.environ["PATH"]])
    job = job.replace("--what strain", "--what recovery --as-of 2024-05-02T12:00+02:00")
    for script in (certificates, job):
        ran = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=os.environ | {"PATH": path}, capture_output=True, text=True,
            timeout=LONG_ENOUGH_S, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
    assert f"{PEOPLE} people asked (recovery), {PEOPLE} told." in ran.stdout
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    assert pl.read_parquet(tmp_path / "told" / "people.parquet")["state"].to_list() == [TOLD] * PEOPLE
