"""`demo`: the main job on a simulated person, from records to picture and page, into one folder.

The clock of the demo stands at the end of the simulated records: nothing there is older than it would be in life.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.explain import ROWS
from mainstay.cli.files import whole_folder
from mainstay.cli.keeping import print_lines, receipt_lines, take
from mainstay.cli.telling import print_story, story_of, write_page, write_paper, write_picture
from mainstay.errors import AlreadyThere, BadRequest
from mainstay.quantities import Instant

if TYPE_CHECKING:
    from mainstay.story import Story

WORLD = "two_roles"
TITLE = "A reporter who is also a rescuer (simulated)"
LABEL, CLOCK = "SIMULATED.txt", "last-day.txt"
PASSPHRASE = "nobody real is in here"
WHAT_IT_IS = f"""Everything in this folder is simulated. The person does not exist and every number is invented.

records/            the records as `mainstay add` takes them, with the truth behind them
somebody.mainstay   the encrypted casebook made of them; its passphrase stands in passphrase.txt
picture.svg, .png   the picture
story.txt, .html    the story; story.pdf to take along
why.html            what could be behind it, what is not known, what to look at next
passphrase.txt      {PASSPHRASE}

To go on:
  mainstay demo --page                                                                         the page, in a browser
  MAINSTAY_PASSPHRASE_FILE=passphrase.txt mainstay tell somebody.mainstay --as-of 2024-12-31   an earlier day
"""


def demo(out: Path, *, seed: int, again: bool) -> None:
    """Simulate, keep, tell, draw, and offer the page. Replaces only a folder that an earlier demo made, if asked to."""
    if again and out.is_dir() and any(out.iterdir()) and not (out / LABEL).is_file():
        raise AlreadyThere(f"{out} holds something that is no earlier demo; choose another name with --out")
    with whole_folder(out, replace=again) as part:
        story = _make(part, seed)
    print_story(story, TITLE)
    print(f"\nThe picture:  {out / 'picture.svg'} (and picture.png)")
    print(f"The story:    {out / 'story.html'}, and to take along {out / 'story.pdf'}")
    print(f"Why:          {out / 'why.html'}")
    print(f"The casebook: {out / 'somebody.mainstay'} (passphrase in {out / 'passphrase.txt'})")
    print(f"The page:     {_command()} demo --page{'' if out == Path('demo') else f' --out {out}'}")
    print("All of it is simulated; no such person exists.")
    if asking.at_a_terminal() and asking.word("\nOpen the page in your browser? Type yes: ").strip().lower() == "yes":
        page(out, opens=True)


def page(out: Path, *, opens: bool) -> None:
    """The page of an earlier demo, on the last evening of its records, until stopped."""
    from mainstay.cli.serving import show

    case = out / "somebody.mainstay"
    if not (out / LABEL).is_file() or not case.is_file():
        raise BadRequest(f"there is no demo in {out}; make one first with 'mainstay demo'")
    ends = Instant.parse((out / CLOCK).read_text(encoding="utf-8").strip())
    began = time.monotonic()
    secret = (out / "passphrase.txt").read_text(encoding="utf-8").strip()
    print(f"Simulated, and no such person exists. On this page it is {ends.day_in_words}, the last day on record.")

    def clock() -> Instant:
        return ends.plus_days((time.monotonic() - began) / 86_400)

    try:
        show(case, clock, passphrase=secret, opens=opens)
    finally:  # the next look begins where this one ended: no clock runs backwards
        (out / CLOCK).write_text(f"{clock()}\n", encoding="utf-8")


def _command() -> str:
    """The command as it can be typed here: by its path where it lies in a folder of its own, as after `make`."""
    found = Path(sys.argv[0])
    is_here = found.parent.name == "bin" and not found.is_absolute()
    return str(found) if is_here else "mainstay"


def _make(folder: Path, seed: int) -> Story:
    from mainstay.casebook import Casebook, Consent
    from mainstay.report.explanations_html import explanations_html
    from mainstay.report.text import story_lines
    from mainstay.worlds import simulate, write

    (folder / LABEL).write_text(WHAT_IT_IS, encoding="utf-8")
    secret = folder / "passphrase.txt"
    secret.touch(mode=0o600)
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    print(f"Simulating {WORLD}, seed {seed} ...")
    (folder / "records").mkdir()
    [person] = simulate(WORLD, seed).values()
    write(person, folder / "records")
    at = max(one.known for one in person.records)
    (folder / CLOCK).write_text(f"{at}\n", encoding="utf-8")
    case = folder / "somebody.mainstay"
    with Casebook.create(case, PASSPHRASE, now=at) as casebook:
        receipt, _ = take(casebook, folder / "records", at, Consent(given_at=at))
        streams = casebook.streams()
    print_lines([*receipt_lines(receipt), ""])
    story = story_of(case, PASSPHRASE, at, None, shows_options=True)
    told = story_lines(TITLE, story.answers, story.context, alert=story.alert)
    (folder / "story.txt").write_text(told, encoding="utf-8")
    write_page(story, streams, folder / "story.html", TITLE)
    write_paper(story, streams, folder / "story.pdf", TITLE)
    why = explanations_html(TITLE, [one for one in story.answers if one.row in ROWS], story.context)
    (folder / "why.html").write_text(why, encoding="utf-8")
    for name in ("picture.svg", "picture.png"):
        write_picture(story, folder / name, "A simulated person.")
    return story
