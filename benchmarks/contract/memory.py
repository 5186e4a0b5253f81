"""Checks that a method keeps nothing of one fold that helps it in the next: in memory, or on disk."""

import secrets
from collections.abc import Mapping

from benchmarks.catalog.cards import MethodCard
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.comparison import require_same_bits
from benchmarks.contract.fresh_process import call_in_fresh_process
from benchmarks.types import Prediction

# Every call draws patients whom nobody has seen: what an earlier call left behind would else be in both of the
# predictions that are compared.
SEEDS = 2**31


def fold_in_between_changes_nothing(candidate: Candidate) -> None:
    """Fit on one fold, on another one that trains on the test patients of the first, and on the first again.

    All in one process: no prediction of the first fold may change by a bit.
    """
    anew = Candidate(candidate.card, candidate.method_class, secrets.randbelow(SEEDS))
    before = anew.run(anew.cohort).predictions
    anew.run(anew.cohort, anew.other_split)
    after = anew.run(anew.cohort).predictions
    for part, prediction in before.items():
        message = f"a fit on another fold in between changes predictions of the {part} part: it keeps what it has seen"
        require_same_bits(prediction, after[part], message)


def disk_carries_nothing_over(candidate: Candidate) -> None:
    """Fit on one fold in a fresh process, on another one here, and on the first again in a further process.

    A fresh process has imported nothing of the method, so that what it reads when it is imported counts, too.
    """
    seed = secrets.randbelow(SEEDS)
    before = call_in_fresh_process(_predicted, candidate.card, candidate.method_class, seed)
    anew = Candidate(candidate.card, candidate.method_class, seed)
    anew.run(anew.cohort, anew.other_split)
    after = call_in_fresh_process(_predicted, candidate.card, candidate.method_class, seed)
    for part, prediction in before.items():
        message = f"a fit on another fold in another process changes predictions of the {part} part: it keeps files"
        require_same_bits(prediction, after[part], message)


def _predicted(card: MethodCard, method_class: type, seed: int) -> Mapping[str, Prediction]:
    candidate = Candidate(card, method_class, seed)
    return candidate.run(candidate.cohort).predictions
