"""Datasets whose results may be computed and looked at, but not published."""

from benchmarks.catalog.registry import dataset_cards

EMBARGO_MARK = "[embargoed: results must not be published]"


def embargo_of(dataset: str) -> str:
    """Return why no result on a dataset may be published, or "" if it may.

    A dataset that is not registered here (a results folder from elsewhere) has no card that could say so.
    """
    card = dataset_cards().get(dataset)
    return card.embargo if card else ""
