"""`demo`: the main job on a simulated person, from records to picture, into one folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.explain import ROWS
from mainstay.cli.files import whole_folder
from mainstay.cli.keeping import print_lines, receipt_lines, take
from mainstay.cli.telling import print_story, story_of, write_page, write_picture
from mainstay.errors import AlreadyThere

if TYPE_CHECKING:
    from mainstay.story import Story

WORLD = "two_roles"
TITLE = "A reporter who is also a rescuer (simulated)"
LABEL = "SIMULATED.txt"
PASSPHRASE = "nobody real is in here"
WHAT_IT_IS = f"""Everything in this folder is simulated. The person does not exist and every number is invented.

records/            the records as `mainstay add` takes them, with the truth behind them
somebody.mainstay   the encrypted casebook made of them; its passphrase stands in passphrase.txt
picture.svg, .png   the picture
story.txt, .html    the story
why.html            what could be behind it, what is not known, what to look at next
passphrase.txt      {PASSPHRASE}

To go on:
  MAINSTAY_PASSPHRASE_FILE=passphrase.txt mainstay tell somebody.mainstay --as-of 2024-12-31
"""


def demo(out: Path, *, seed: int, again: bool) -> None:
    """Simulate, keep, tell, draw. Replaces only a folder that an earlier demo made, and only when asked to."""
    if again and out.is_dir() and any(out.iterdir()) and not (out / LABEL).is_file():
        raise AlreadyThere(f"{out} holds something that is no earlier demo; choose another name with --out")
    with whole_folder(out, replace=again) as part:
        story = _make(part, seed)
    print_story(story, TITLE)
    print(f"\nThe picture:  {out / 'picture.svg'} (and picture.png)")
    print(f"The page:     {out / 'story.html'}")
    print(f"Why:          {out / 'why.html'}")
    print(f"The casebook: {out / 'somebody.mainstay'} (passphrase in {out / 'passphrase.txt'})")
    print("All of it is simulated; no such person exists.")


def _make(folder: Path, seed: int) -> Story:
    from mainstay.casebook import Casebook, Consent
    from mainstay.report.explanations_html import explanations_html
    from mainstay.report.text import story_lines
    from mainstay.worlds import simulate, write

    at = asking.now()
    (folder / LABEL).write_text(WHAT_IT_IS, encoding="utf-8")
    secret = folder / "passphrase.txt"
    secret.touch(mode=0o600)
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    print(f"Simulating {WORLD}, seed {seed} ...")
    (folder / "records").mkdir()
    [person] = simulate(WORLD, seed).values()
    write(person, folder / "records")
    case = folder / "somebody.mainstay"
    with Casebook.create(case, PASSPHRASE, now=at) as casebook:
        receipt, _ = take(casebook, folder / "records", at, Consent(given_at=at))
    print_lines([*receipt_lines(receipt), ""])
    story = story_of(case, PASSPHRASE, at, None, shows_options=True)
    told = story_lines(TITLE, story.answers, story.context, alert=story.alert)
    (folder / "story.txt").write_text(told, encoding="utf-8")
    write_page(story, folder / "story.html", TITLE)
    why = explanations_html(TITLE, [one for one in story.answers if one.row in ROWS], story.context)
    (folder / "why.html").write_text(why, encoding="utf-8")
    for name in ("picture.svg", "picture.png"):
        write_picture(story, folder / name, "A simulated person.")
    return story
