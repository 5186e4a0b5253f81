"""The recipe of the authors' laboratory for the same cohorts, to measure what it is worth; never for a board.

Read in their code (Innse/mSTAR, downstream_task/multimodal_survival, 6cb5016a): the edges of the bins are quartiles of
the times of all patients with the event, the test patients' among them; the epoch is chosen by the concordance on a
part that contains the test patients, and that concordance is reported. A method of this suite is never shown the test
patients' outcome, so the validation part stands in for them: the edges see it, it chooses the epoch, and its
concordance (``selected_by_c``) is told beside the score of patients whom nothing has seen.
"""

import numpy as np

from benchmarks.types import Outcome
from methods.kemm.config import Config
from methods.shared.training.loop import TrainingSettings, warm_up_cosine


class AuthorsTraining:
    """Adam with an L2 penalty, the rate falling by a half cosine, one patient a step, gradients as they are.

    Parameters
    ----------
    config : Config
        With ``faithful``.
    patients : int
        Training patients.
    """

    def __init__(self, config: Config, patients: int) -> None:
        self.members = config.members
        self.batch_size = config.batch_size
        self.balanced_batches = config.balanced_batches
        self.training = TrainingSettings(
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            epochs=config.epochs,
            schedule=warm_up_cosine(config.epochs * patients, 0),
            l2=True,
        )


def with_validation(train: Outcome, validation: Outcome) -> Outcome:
    """Return the outcome of both parts, from which their edges are taken."""
    return Outcome(np.concatenate([train.time, validation.time]), np.concatenate([train.event, validation.event]))
