"""How a trial stands on a day: what was lived, what a look shows, and whether it should end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mainstay.quantities import CannotSay, Instant
from mainstay.timeline.kinds import Timeline
from mainstay.trials.adherence import Adherence, adherence
from mainstay.trials.kinds import Observed
from mainstay.trials.monitoring import Look, look
from mainstay.trials.observing import observed, of_item
from mainstay.trials.sealing import Trial
from mainstay.trials.sealing_strays import strays, strays_of


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A trial on a day. `days`: those that are over. `look`: what a look shows, or why nothing can be seen.

    `adherence`: None where its days can't be read as drawn. `strays`: what is on record of trials and counts for none.
    """

    trial: Trial
    days: int
    observed: Observed | CannotSay
    look: Look | CannotSay
    adherence: Adherence | None
    strays: tuple[str, ...] = ()

    @property
    def going_on(self) -> bool:
        """Whether there are days to come."""
        return self.trial.is_open and self.days < self.trial.protocol.says.design.days


def stands(timeline: Timeline, trial: Trial) -> Standing:
    """How a trial stands, as known by the timeline's date. A day that is not over counts as lived when it is."""
    seen, left = observed(timeline, trial), (*strays_of(trial), *strays(timeline))
    schedule = trial.schedule
    if schedule is None or isinstance(trial.space, CannotSay):
        why = CannotSay("; ".join(trial.wrong) or "its days are not drawn yet", row="S21", about=trial.name)
        return Standing(trial, 0, seen, why, None, left)
    days = _over(trial, timeline.as_of)
    done = adherence(timeline, trial)
    if isinstance(seen, CannotSay):
        return Standing(trial, days, seen, seen, done, left)
    says = trial.protocol.says
    limited = {one.item: of_item(timeline, trial, one.item) for one in says.harm}
    unread = next((one for one in limited.values() if isinstance(one, CannotSay)), None)
    if unread is not None:
        return Standing(trial, days, seen, unread, done, left)
    known = {name: one for name, one in limited.items() if isinstance(one, Observed)}
    looked = look(trial.space, schedule, seen, says, days=days, limited=known)
    return Standing(trial, days, seen, looked, done, left)


def _over(trial: Trial, as_of: Instant) -> int:
    """How many days of a trial are over; the day on which it was ended counts as one."""
    if not trial.is_open:
        return trial.days_lived(as_of)
    yesterday = as_of.as_local.date() - timedelta(days=1)
    return min(max((yesterday - trial.protocol.says.start).days + 1, 0), trial.protocol.says.design.days)
