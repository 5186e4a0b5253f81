"""Tokens of gene sets: which columns they have, what is left out and told, what cannot be done."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Context, Matrix, Patients
from methods.shared.features.components import ModalityVectors
from methods.shared.features.gene_tokens import GeneSets, GeneTokens

N = 40
NAMES = ("A", "B", "C", "D", "E", "F")
SETS = {"one": ("C", "A"), "two": ("A", "B"), "constant": ("D",), "empty": ()}


def expression(seed: int = 0) -> Matrix:
    """Return six genes, of whom D is the same for everybody and E and F are in no set."""
    values = np.random.default_rng(seed).normal(size=(N, 6))
    values[:, 3] = 1.0
    return Matrix(values, NAMES, column_sets={"families": SETS})


def patients(**modalities: Matrix) -> Patients:
    return Patients(np.array([f"p{row}" for row in range(N)]), modalities)


def fitted(asked: Patients, context: Context, gene_sets: GeneSets = "families") -> GeneTokens:
    return GeneTokens(gene_sets, components=5, groups=2, seed=0).fit(asked, context)


def test_a_token_has_the_standardised_columns_of_its_set(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    rna = expression()
    with caplog.at_level(logging.INFO):
        tokens = fitted(patients(rna=rna), context)
    assert tokens.names == ("one", "two")
    assert tokens.sizes == ((2, 2),)
    (vectors,) = tokens.transform(patients(rna=rna)).vectors
    for places, columns in (([2, 0], [0, 1]), ([0, 1], [2, 3])):
        own = Matrix(rna.values[:, places], tuple(NAMES[place] for place in places))
        np.testing.assert_array_equal(vectors[:, columns], ModalityVectors(0, 0).fit(own).transform(own))
    assert "rna: 4 of 6 columns are in the sets of families, 2 are in none and not used; 2 tokens" in caplog.text
    assert "left out: constant, empty" in caplog.text


def test_the_order_of_the_columns_changes_no_bit(context: Context) -> None:
    rna = expression()
    order = [4, 2, 0, 5, 1, 3]
    shuffled = replace(rna, values=rna.values[:, order], names=tuple(NAMES[place] for place in order))
    found = [fitted(patients(rna=one), context).transform(patients(rna=one)).vectors[0] for one in (rna, shuffled)]
    assert np.array_equal(*found)


def test_whom_a_modality_is_missing_is_not_read(context: Context) -> None:
    rna = expression()
    present = np.arange(N) % 3 > 0
    some = replace(rna, present=present)
    changed = replace(some, values=np.where(present[:, None], rna.values, np.nan))
    tokens = fitted(patients(rna=some), context)
    blocks = tokens.transform(patients(rna=some))
    assert np.array_equal(blocks.present[:, 0], present)
    assert not blocks.vectors[0][~present].any()
    assert np.array_equal(
        fitted(patients(rna=changed), context).transform(patients(rna=changed)).vectors[0], blocks.vectors[0]
    )


def test_several_modalities_have_tokens_of_their_own(context: Context) -> None:
    tokens = fitted(patients(rna=expression(), cna=expression(1), mri=Matrix(expression(2).values, NAMES)), context)
    assert tokens.modalities == ("cna", "rna")
    assert tokens.names == ("cna: one", "cna: two", "rna: one", "rna: two")
    assert tokens.sizes == ((2, 2), (2, 2))


def test_components_in_groups_for_columns_that_are_no_genes(context: Context) -> None:
    asked = patients(mri=Matrix(np.random.default_rng(0).normal(size=(N, 9)), tuple("abcdefghi")))
    tokens = fitted(asked, context, "components")
    assert tokens.names == ("components 1-3", "components 4-5")
    assert tokens.sizes == ((3, 2),)
    assert tokens.transform(asked).vectors[0].shape == (N, 5)


@pytest.mark.parametrize(
    ("modalities", "gene_sets", "message"),
    [
        ({"rna": Matrix(np.eye(N), tuple(map(str, range(N))))}, "families", "gene_sets=families: rna has none; they"),
        ({"rna": expression()}, "hallmark", "rna has none; .* or set gene_sets=components"),
        (
            {"rna": replace(expression(), column_sets={"families": {"constant": ("D",)}})},
            "families",
            "no column of rna that varies is a gene of any set; choose another collection, .* gene_sets=components",
        ),
        ({}, "components", "no molecular modality"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_with_what_to_do(
    context: Context, modalities: dict[str, Matrix], gene_sets: GeneSets, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        fitted(patients(**modalities), context, gene_sets)
    assert "\n" not in str(raised.value)


def test_a_modality_that_one_training_patient_has_is_refused(context: Context) -> None:
    rna = replace(expression(), present=np.arange(N) == 0)
    with pytest.raises(ValueError, match="'rna': fewer than 2 training patients"):
        fitted(patients(rna=rna), context)
