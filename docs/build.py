"""Writes the generated reference pages and checks the links between the project's own files.

`python docs/build.py` writes. With `--check` it changes nothing, and exits with 1 where a page is out of date.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
HEAD = "<!-- Written by `make docs`; change the code's own words and run it again. -->\n\n"


def commands_page() -> str:
    """The help of every command, as the terminal shows it at 100 columns."""
    os.environ["COLUMNS"] = "100"
    from typer.main import get_command
    from typer.testing import CliRunner

    from mainstay.cli.app import app

    runner = CliRunner()
    commands = getattr(get_command(app), "commands")  # noqa: B009
    words = {name: [name] for name in ["", *sorted(commands, key=_story_order)]}
    for name, command in commands.items():
        words |= {f"{name} CASE {kind}": [name, "CASE", kind] for kind in getattr(command, "commands", {})}
    names = sorted(words, key=lambda name: _story_order(name.split(" ", maxsplit=1)[0]))
    parts = [
        "# Commands\n",
        "Every command has `--help`. Misuse exits with 2 and one sentence; an answer exits with 0.\n",
    ]
    for name in names:
        shown = runner.invoke(
            app, [*filter(None, words[name]), "--help"], prog_name="mainstay", terminal_width=100
        ).output
        parts.append(f"## mainstay {name}".rstrip() + f"\n\n```text\n{shown.strip()}\n```\n")
    return HEAD + "\n".join(parts)


def _story_order(name: str) -> int:
    if not name:
        return -1
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


_ORDER = [
    *(
        "demo",
        "new",
        "add",
        "log",
        "consent",
        "audit",
        "erase",
        "people",
        "key",
        "record",
        "roles",
        "tell",
        "notice",
        "patterns",
        "explain",
        "futures",
        "options",
        "trial",
        "plan",
    ),
    *("serve", "gather", "cohort", "share", "open", "backup", "restore", "export", "import", "simulate"),
]


def python_page() -> str:
    """Every public name: what the package exports, in story order, and what pages import from its modules."""
    import mainstay

    parts = ["# Python names\n", "What `import mainstay` offers, in the order of the story.\n"]
    parts += [_entry("##", name, getattr(mainstay, name), name) for name in mainstay.__all__]
    parts.append("## From the modules\n")
    parts.append("What is offered beside, by the module it is imported from. Before version 1.0 it may change.\n")
    for module, names in names_by_module().items():
        parts.append(f"### From `{module}`\n")
        found = importlib.import_module(module)
        parts += [_entry("####", name, getattr(found, name), f"{module}.{name}") for name in names]
    return HEAD + "\n".join(parts)


def names_by_module() -> dict[str, list[str]]:
    """The public names that `import mainstay` does not bring: those of the façades, every error, and whatever a page
    imports. A name has one place: the module that its page names, else the façade."""
    import mainstay
    from mainstay import casebook, errors, strain

    raised = [name for name, thing in vars(errors).items() if inspect.isclass(thing)]
    facades = {"mainstay.errors": raised, "mainstay.strain": strain.__all__, "mainstay.casebook": casebook.__all__}
    pairs = sorted(imports_of_pages()) + [(module, name) for module, names in facades.items() for name in names]
    taken = {id(getattr(mainstay, name)) for name in mainstay.__all__}
    found: dict[str, list[str]] = {}
    for module, name in pairs:
        thing = getattr(importlib.import_module(module), name, None)
        if thing is not None and not inspect.ismodule(thing) and id(thing) not in taken:
            taken.add(id(thing))
            found.setdefault(module, []).append(name)
    return {module: sorted(found[module], key=str.lower) for module in sorted(found)}


def imports_of_pages() -> set[tuple[str, str]]:
    """What the written pages import from the package, by module and name."""
    found = set()
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = page.read_text(encoding="utf-8")
        for module, names in re.findall(r"from (mainstay[\w.]*) import ([\w, ]+)", text):
            found |= {(module, name.strip().split(" as ")[0]) for name in names.split(",") if name.strip()}
    return found


def _entry(level: str, name: str, thing: object, full: str) -> str:
    heading = f"{level} {name}\n"
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        return f"{heading}\n{_TYPES.get(full, '')}\n"
    module = inspect.unwrap(thing).__module__  # type: ignore[arg-type]
    signature = "" if _without_signature(thing) else f"\n```python\n{name}{_signature(thing)}\n```\n"
    return f"{heading}\n`{module}`\n{signature}\n{inspect.cleandoc(thing.__doc__ or '')}\n"


_TYPES = {
    "mainstay.casebook.PURPOSES": "The purposes for which consent can be given, [in words](consent.md).",
    "Answer": "`Finding | CannotSay`: both are results.",
    "Probability": "A `float` between 0 and 1, made by `mainstay.quantities.probability`.",
}


def _without_signature(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, BaseException)


def _signature(thing: object) -> str:
    text = str(inspect.signature(thing))  # type: ignore[arg-type]
    text = re.sub(r"<factory>|<function .*? at 0x[0-9a-f]+>", "...", text)
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", text).replace(
        ") -> None", ")" if inspect.isclass(thing) else ") -> None"
    )
    return re.sub(r"(mainstay|datetime|pathlib|collections\.abc|typing|numpy)\.([a-z_]+\.)*(?=[A-Z])", "", text)


def schemas() -> dict[str, str]:
    """The JSON Schema of mappings and of the files of each form of statement, by the name of its page."""
    from mainstay.records.mapping import mapping_schema
    from mainstay.records.statements import ExpectationFile, schema_of
    from mainstay.records.statements_concern import ConcernFile
    from mainstay.records.statements_decision import DecisionFile, LeaningFile
    from mainstay.records.statements_hypothesis import HypothesisFile
    from mainstay.records.statements_option import OptionFile
    from mainstay.records.statements_preference import PreferenceFile
    from mainstay.records.statements_protocol import ProtocolFile, TrialFile
    from mainstay.records.statements_scenario import ScenarioFile

    files = {
        "concern": ConcernFile,
        "expectation": ExpectationFile,
        "hypothesis": HypothesisFile,
        "scenario": ScenarioFile,
        "option": OptionFile,
        "preference": PreferenceFile,
        "leaning": LeaningFile,
        "decision": DecisionFile,
        "protocol": ProtocolFile,
        "trial": TrialFile,
    }
    found = {form: schema_of(kind, f"A Mainstay {form}") for form, kind in files.items()}
    found["mapping"] = mapping_schema()
    return {f"{form}.schema.json": json.dumps(one, indent=2, ensure_ascii=False) + "\n" for form, one in found.items()}


def broken_links() -> list[str]:
    """Links from the project's Markdown to files of the project that are not there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    broken = []
    for page in pages:
        prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"(?:\]\(|src(?:set)?=\")([^)#\s\"]+)", prose):
            if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target} is not there")
    return broken


def missing_tests() -> list[str]:
    """Tests that a page links to by name (a link with `test_…` as its text) and that are not there."""
    missing = []
    for page in (ROOT / "docs").rglob("*.md"):
        for name, target in re.findall(r"\[`(test_\w+)`\]\(([^)\s]+\.py)\)", page.read_text(encoding="utf-8")):
            file = page.parent / target
            if file.exists() and not re.search(rf"^def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE):
                missing.append(f"{page.relative_to(ROOT)}: {target} has no {name}")
    return missing


def main() -> int:
    """Write or check; the exit code says whether all is well."""
    importlib.invalidate_caches()
    check = "--check" in sys.argv[1:]
    faults = []
    for name, text in ({"commands.md": commands_page(), "python.md": python_page()} | schemas()).items():
        page = REFERENCE / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        if check:
            faults.append(f"docs/reference/{name} is out of date: run make docs")
        else:
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8")
            print(f"wrote docs/reference/{name}")
    faults += broken_links() + missing_tests()
    print("\n".join(faults) if faults else "The reference is current and every link leads somewhere.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
