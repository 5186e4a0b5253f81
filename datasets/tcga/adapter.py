"""The Cancer Genome Atlas: every cancer type by itself, gliomas and bowel cancers together, all types together."""

from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Modality, Patients, Table

from ..readers.report_facts import facts_table
from ..readers.sentences import sentence_bags
from .clinical import clinical_table
from .genes import with_gene_sets
from .genomic import genomic_table
from .molecular import EXPRESSION, HIF, MRI, genome, hif_name, molecular_matrix
from .slides import slide_bags
from .survival import (
    EVERY,
    PANCANCER,
    cancers_of,
    chosen_cancers,
    published_folds,
    read_patients,
    tissue_sites,
    with_endpoint,
)
from .tables import PATIENT
from .texts import rationales, report_texts, summaries


def load(
    root: Path,
    cohort: str,
    *,
    endpoint: str,
    expression: str,
    refiner: str,
    teacher: str,
    redacted: str,
    genomic_subtype: bool,
    wsi: str,
    cancers: str = EVERY,
) -> Cohort:
    """Return the patients of a TCGA cohort whose endpoint is known, with a mask for every other kind of data.

    Parameters
    ----------
    root : Path
        Folder with ``tcga/`` and, where they exist, ``tcga_mri_brats/``, ``tcga_wsi_hif/``, ``tcga_wsi_hipt/`` and
        ``tcga_wsi/``.
    cohort : str
        A cancer type such as "BLCA", "GBMLGG", "COADREAD", or "PANCANCER".
    endpoint : {"OS", "DSS", "DFI", "PFI"}
        Which outcome.
    expression : {"z", "log2tpm", "xena"}
        Which table of expression.
    refiner, teacher : str
        Who wrote the summaries and the rationales.
    redacted : {"keep", "drop"}
        What to do with the patients whom the source marks as redacted.
    genomic_subtype : bool
        Whether the genomic scores have the molecular subtype beside them.
    wsi : {"hipt", "files"}
        Which features of the slides.
    cancers : str
        Of the cohort "PANCANCER": "all", or the cancer types to keep, such as "BLCA+LUAD".

    Returns
    -------
    Cohort
        Times in days. Several cancer types are strata of the concordance. Groups to leave out are the tissue source
        site, and the cancer type where there are several.

    Raises
    ------
    UsageError
        If an option has no such value or a file is not what it should be; it names file and patient.
    """
    if expression not in EXPRESSION:
        raise UsageError(f"expression {expression!r}: TCGA has {', '.join(EXPRESSION)}")
    if redacted not in ("keep", "drop"):
        raise UsageError(f"redacted {redacted!r}: either keep or drop")
    everyone = read_patients(root, endpoint)
    known = frozenset(everyone[PATIENT])
    kept = cancers_of(cohort, everyone) if cancers == EVERY else chosen_cancers(cancers, everyone)
    chosen = everyone[everyone["cancer"].isin(kept)]
    if redacted == "drop":
        chosen = chosen[chosen["Redaction"] == ""]
    patients, outcome = with_endpoint(chosen, endpoint, root)
    ids = patients[PATIENT].tolist()

    text = report_texts(root, ids, known)
    molecular = {
        "rna": molecular_matrix(root, EXPRESSION[expression], cohort, kept, ids, known),
        **genome(root, cohort, kept, ids, known),
    }
    offered: dict[str, Modality | None] = {
        "clinical": Table(clinical_table(patients, root)),
        **with_gene_sets(molecular, root),
        "genomic": genomic_table(root, ids, subtype=genomic_subtype),
        # One patient in 66 of the cohort of all has an MRI, of two cancer types in 33.
        "mri": None if cohort == PANCANCER else molecular_matrix(root, MRI, cohort, kept, ids, known, strangers=True),
        "hif": molecular_matrix(root, HIF, cohort, kept, ids, known, rename=hif_name),
        "text": text,
        "summary": summaries(root, refiner, ids, known),
        "rationale": rationales(root, teacher, ids, known),
        "facts": facts_table(text),
        "sentences": sentence_bags(text.texts, text.present),
        "wsi": slide_bags(root, wsi, cohort, kept, ids, known),
    }
    modalities = {name: modality for name, modality in offered.items() if modality is not None and _anyone(modality)}
    of_cancer = patients["cancer"].to_numpy(dtype=str)
    return Cohort(
        Patients(patients[PATIENT].to_numpy(dtype=str), modalities),
        outcome,
        "days",
        strata=of_cancer if len(kept) > 1 else None,
        published_fold=published_folds(root, cohort, ids, known),
        groups={**({"cancer": of_cancer} if len(kept) > 1 else {}), "site": tissue_sites(ids)},
        disease="" if cohort == PANCANCER else cohort,
    )


def _anyone(modality: Modality) -> bool:
    return bool(modality.present.any())
