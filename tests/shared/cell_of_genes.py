"""A cell of a method on genes and a bag, as figures are given one."""

from benchmarks.types import Cell


def cell_of(method: str, entry: str) -> Cell:
    """Return a cell of a drawn dataset."""
    return Cell(
        method=method,
        entry=entry,
        config={"bag": "wsi"},
        dataset="drawn",
        dataset_options={},
        data_sha256="",
        complete_cases=(),
        split="stratified",
        folds=5,
        repeat=0,
        fold=0,
        seed=0,
        split_sha256="",
        modalities=("clinical", "rna", "wsi"),
        grid_sha256="",
        threads=1,
        device="cpu",
        code_sha256="",
        libraries={},
    )
