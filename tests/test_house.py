"""The house rules that a machine can check: import order, docstrings, a light start, a clean wheel, clean files."""

import importlib
import inspect
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import mainstay

ROOT = Path(__file__).parent.parent
HEAVY = {"numba", "numpy", "polars", "altair", "rich", "scipy", "cryptography", "apsw", "pydantic", "pandas", "pyarrow"}
OURS = ("src", "tests", "docs", "benchmarks", "examples", ".ci")


def own_files() -> list[Path]:
    """The project's own text files: those in its folders and in its root, without caches."""
    inside = [path for folder in OURS for path in (ROOT / folder).rglob("*") if path.is_file()]
    files = [*inside, *(path for path in ROOT.iterdir() if path.is_file())]
    built = re.compile(r"__pycache__|\.egg-info|\.hypothesis|_cache")
    return [path for path in files if not built.search(str(path.relative_to(ROOT)))]


def modules() -> list[str]:
    """Every module of the package, `__main__` aside (importing it would run it)."""
    found = pkgutil.walk_packages(mainstay.__path__, "mainstay.")
    return ["mainstay", *(module.name for module in found if not module.name.endswith("__main__"))]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, check=False)


def test_no_chapter_quotes_a_later_one() -> None:
    kept = run("-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())")
    assert kept.returncode == 0, kept.stdout


@pytest.mark.parametrize("name", modules())
def test_every_public_name_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    for public, thing in vars(module).items():
        if public.startswith("_") or getattr(thing, "__module__", None) != name:
            continue
        if inspect.isclass(thing) or inspect.isfunction(thing):
            text = inspect.getdoc(thing) or ""
            assert text, f"{name}.{public} has no docstring"
            assert not text.startswith(f"{public}("), f"{name}.{public} has only the docstring a dataclass generates"


def test_the_package_exports_at_most_forty_names_and_each_resolves() -> None:
    assert len(mainstay.__all__) <= 40
    assert len(set(mainstay.__all__)) == len(mainstay.__all__)
    for name in mainstay.__all__:
        assert getattr(mainstay, name) is not None


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        mainstay.no_such_name  # noqa: B018


# Typer reads the arguments of a command with pydantic, so the help of one command imports that and nothing more
@pytest.mark.parametrize(
    ("arguments", "allowed"), [(["--help"], []), (["--version"], []), (["tell", "--help"], ["pydantic"])]
)
def test_help_imports_nothing_heavy(arguments: list[str], allowed: list[str]) -> None:
    program = (
        "import sys; from mainstay.cli import main\n"
        f"sys.argv = ['mainstay', *{arguments!r}]\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('HEAVY', sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = run("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(f"HEAVY {allowed}")


def test_importing_the_package_imports_nothing_heavy() -> None:
    done = run("-c", f"import sys, mainstay; print(sorted({HEAVY!r} & set(sys.modules)))")
    assert done.stdout.strip() == "[]"


def test_a_wheel_builds_and_holds_only_mainstay(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "out", "."]
    built = run(*build, cwd=tmp_path)
    assert built.returncode == 0, built.stderr
    [wheel] = (tmp_path / "out").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"mainstay", f"mainstay-{mainstay.__version__}.dist-info"}
    assert "mainstay/py.typed" in names
    packed = {name for name in names if name.startswith("mainstay/")}
    ours = {str(path.relative_to(ROOT / "src").as_posix()) for path in own_files() if (ROOT / "src") in path.parents}
    assert packed == ours


def test_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == mainstay.__version__
    assert f"\nversion: {mainstay.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_constraints_are_names_and_numbers_that_satisfy_the_project() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+", line) for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    by_name = {re.sub(r"[-_.]+", "-", name).lower(): number for name, number in pinned.items()}
    for text in wanted:
        need = Requirement(text)
        assert need.specifier.contains(by_name[need.name]), f"constraints.txt: {need}"


def test_no_file_names_a_registry_host_or_a_path_of_the_machine_it_was_written_on() -> None:
    banned = re.compile("|".join(["py" + r"pi\.", "python" + "hosted", "/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]))
    for path in own_files():
        text = path.read_bytes().decode("utf-8", "replace")
        found = banned.search(text)
        assert not found, f"{path.relative_to(ROOT)} names {found.group() if found else ''}"


def test_no_source_file_is_longer_than_450_lines() -> None:
    long = [
        (path.name, n) for path in own_files() if path.suffix == ".py" and (n := len(path.open().readlines())) > 450
    ]
    assert not long


def test_the_whole_flow_fits_on_a_screen() -> None:
    assert len((ROOT / "src/mainstay/story.py").read_text().splitlines()) <= 150


def test_every_chapter_is_one_the_import_order_knows() -> None:
    listed = (ROOT / ".importlinter").read_text().split("layers =")[1].split()
    for chapter in (ROOT / "src/mainstay").iterdir():
        if chapter.suffix == ".py" or (chapter / "__init__.py").exists():
            assert chapter.stem in {*listed, "__init__"}


def test_the_generated_reference_is_current_and_every_link_leads_somewhere() -> None:
    done = run("docs/build.py", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_kernels_find_a_private_folder_where_nothing_can_be_written_and_leave_none_behind():
    code = (
        "import os; os.access = lambda *a, **k: False; os.environ.pop('NUMBA_CACHE_DIR', None)\n"
        "import mainstay; place = os.environ['NUMBA_CACHE_DIR']; print(place, oct(os.stat(place).st_mode)[-3:])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    folder, mode = done.stdout.split()
    assert mode == "700" or os.name != "posix"
    assert not Path(folder).exists()
