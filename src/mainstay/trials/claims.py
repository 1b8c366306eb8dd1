"""What a trial showed (S22): relief at once, and recovery of the threshold, as two claims.

| status | when |
|---|---|
| `relief` | days drawn by lot, the trial over (or clear at a look), and the test clear on the better side |
| `relief_observed_recovery_untested` | better, but on a few days only, or without a lot |
| `found` | several baselines, taken together, are better |
| `not_found` | clear on the worse side; without a lot: no change that would matter was seen |
| `no_effect` | the interval leaves out every difference that would matter for the better |
| `recovery` | at the same strain, help was sought less often with the arm, by the same lot |
| `cannot_say` | all else: with what fits the record and what would settle it |

One good evening is never more than `relief_observed_recovery_untested`. A null says which effect it excludes.
"""

from mainstay.trials.claims_kinds import Tried
from mainstay.trials.claims_recovery import recovery_answers
from mainstay.trials.claims_relief import relief_answers

__all__ = ["Tried", "recovery_answers", "relief_answers"]
