"""The contract of a method: what every registered method fulfils, and what ``verify`` checks of anyone's."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.contract import columns, leaks, memory, predictions, saved, settings
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.comparison import ContractError
from benchmarks.contract.finding import Finding, one_line
from benchmarks.contract.raised import place_in_method

Check: TypeAlias = Callable[[Candidate], None]

# Each check raises if the method fails it.
CHECKS: Mapping[str, Check] = {
    "the config is a frozen dataclass of plain values": settings.config_is_plain,
    "the search space draws configs and keeps what is fixed": settings.search_space_keeps_what_is_fixed,
    "predictions have the right shapes, finite risks and valid curves": predictions.predictions_are_valid,
    "higher risk means shorter survival": predictions.risk_and_curves_agree,
    "the same seed gives the same bytes": predictions.same_seed_same_bytes,
    "one patient alone is predicted as among others": predictions.one_row_is_enough,
    "160 patients together are predicted as few of them": predictions.large_batch_teaches_nothing,
    "a missing value changes the prediction of its patient alone": columns.missing_value_changes_its_patient_alone,
    "an unseen level changes the prediction of its patient alone": columns.unseen_level_changes_its_patient_alone,
    "a column that is constant in training changes nothing": columns.constant_column_changes_nothing,
    "what stands in the place of an absent modality changes nothing": leaks.absent_places_are_not_read,
    "poisoned test rows leave the fit bit-identical": leaks.test_rows_do_not_reach_the_fit,
    "other outcomes of the test patients change no prediction": leaks.test_outcomes_reach_no_prediction,
    "other identifiers of the patients change no prediction": leaks.identifiers_say_nothing,
    "a fit on another fold in between changes no prediction": memory.fold_in_between_changes_nothing,
    "what another process keeps of another fold changes no prediction": memory.disk_carries_nothing_over,
    "saved and loaded in a fresh process it predicts the same bits": saved.saved_model_predicts_the_same_bits,
    "poisoned test rows leave a study of its settings bit-identical": leaks.test_rows_do_not_reach_the_study,
    "a validation part that is not needed is not used": leaks.unneeded_validation_is_not_used,
    "inputs are left as they were": predictions.inputs_are_unchanged,
}


def verify_method(name: str) -> Iterator[Finding]:
    """Yield the result of every check of the contract on a registered method or a ``module:Class``.

    The methods are fitted on a small drawn cohort that has every modality, with the settings of their card's
    ``contract`` table, or their defaults.

    Raises
    ------
    UsageError
        If there is no such method, it has no card, or a library that it needs is not installed.
    """
    card = method_card(name)
    candidate = Candidate(card, load_entry(card))
    for title in CHECKS:
        yield run_check(title, candidate)


def run_check(title: str, candidate: Candidate) -> Finding:
    """Return the result of one check; whatever is raised in it is its problem, with the line of the method."""
    try:
        CHECKS[title](candidate)
    except ContractError as error:
        return Finding(title, one_line(str(error)))
    except Exception as error:
        place = place_in_method(error, candidate.method_class)
        told = f"{type(error).__name__}: {error}".rstrip(" :")
        return Finding(title, one_line(f"{told} ({place})" if place else told))
    return Finding(title)
