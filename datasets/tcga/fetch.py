"""Where the TCGA tables come from, and how they become the files that the adapter reads."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from benchmarks.errors import UsageError

from ..download.files import RemoteFile, remote_size
from ..download.resume import Host
from .conversion import WrongContentError, first_line, require_columns, require_unique, write_table
from .publications import BY_HAND, MRI, MRI_FILES, SIGNATURES, convert_mri, convert_signatures, signatures_of
from .survival import UNIONS

CDR = "https://api.gdc.cancer.gov/data/1b5f413e-a8d1-4d10-92eb-7c4ae739ed81"
# As in the manifest of the PanCanAtlas publications at the GDC.
CDR_SIZE, CDR_CHECKSUM = 2945129, "md5:a4591b2dcee39591f59e5e25a6ce75fa"
REPORTS = "https://github.com/tatonetti-lab/tcga-path-reports/raw/main/TCGA_Reports.csv.zip"
REPORTS_CHECKSUM = "git:afaffbc5bc0333aa6f56c0b4dfdfd618983edce8"
EXPRESSION = "https://tcga-xena-hub.s3.us-east-1.amazonaws.com/download/TCGA.{cohort}.sampleMap%2FHiSeqV2_PANCAN.gz"

PARTS = ("cdr", "reports", "rna", "rna_z", "mri", *BY_HAND)
COHORT = re.compile(r"[A-Z]{2,8}")

# Sample types of a TCGA barcode, best first: primary solid tumour, primary blood tumour, metastasis. Most melanomas
# of the cohort were sampled from a metastasis; normal tissue is never taken.
SAMPLE_TYPES = ("01", "03", "06")
PATIENT_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Source:
    """Files of a public host and what is made of them.

    Parameters
    ----------
    remotes : tuple of RemoteFile
        What is downloaded.
    made : Path
        The file that the adapter reads; where it is there, nothing is done.
    convert : callable
        Given the downloads in their order and ``made``, makes the latter of the former.
    """

    remotes: tuple[RemoteFile, ...]
    made: Path
    convert: Callable[..., None]


def tcga_sources(root: Path, cohorts: Sequence[str], parts: Sequence[str], mirror: str = "") -> list[Source]:
    """Return the sources of some cohorts, in the order in which they must be converted.

    Parameters
    ----------
    root : Path
        The data root; files go below ``tcga/``, downloads below ``downloads/tcga/``.
    cohorts : sequence of str
        Cancer types as TCGA writes them, or GBMLGG.
    parts : sequence of str
        Of ``PARTS``; clinical data and reports come for all cancers at once. Nothing is got for those of ``BY_HAND``.
    mirror : str
        Address of a folder with the same files, instead of the public hosts.

    Raises
    ------
    UsageError
        If a cohort or part is unknown, or the reports are wanted without the clinical table they need.
    """
    for name in parts:
        if name not in PARTS:
            raise UsageError(f"--parts {name}: there are {', '.join(PARTS)}")
    folder, downloads = root / "tcga", root / "downloads" / "tcga"

    def remote(url: str, name: str, size: int | None = None, checksum: str = "") -> RemoteFile:
        return RemoteFile(f"{mirror.rstrip('/')}/{name}" if mirror else url, downloads / name, size, checksum)

    if "reports" in parts and "cdr" not in parts and not (folder / "cdr.csv.gz").exists():
        raise UsageError(f"{folder / 'cdr.csv.gz'} is missing: the reports need it; add cdr to --parts")
    sources = []
    if "cdr" in parts:
        workbook = remote(CDR, "TCGA-CDR-SupplementalTableS1.xlsx", CDR_SIZE, CDR_CHECKSUM)
        sources.append(Source((workbook,), folder / "cdr.csv.gz", convert_cdr))
    if "reports" in parts:
        archive = remote(REPORTS, "TCGA_Reports.csv.zip", checksum=REPORTS_CHECKSUM)
        sources.append(Source((archive,), folder / "reports.csv.gz", convert_reports))
    for cohort in cohorts:
        if not COHORT.fullmatch(cohort):
            raise UsageError(f"--cohort {cohort}: expected a TCGA cancer type such as BLCA, or GBMLGG")
        if "rna" in parts:
            # The host publishes no checksum; the file's own one (gzip) is verified when it is converted.
            table = remote(EXPRESSION.format(cohort=cohort), f"TCGA.{cohort}.HiSeqV2_PANCAN.gz")
            sources.append(Source((table,), folder / f"rna_xena_{cohort.lower()}.csv.gz", convert_expression))
        if "rna_z" in parts:
            name = SIGNATURES.format(cohort=cohort.lower())
            published = remote(signatures_of(cohort) + name, name)
            sources.append(Source((published,), folder / f"rna_z_{cohort.lower()}.csv.gz", convert_signatures))
    if "mri" in parts:
        if not {*cohorts} & {"GBMLGG", *UNIONS["GBMLGG"]}:
            raise UsageError(f"--parts mri: of gliomas only (GBMLGG, GBM, LGG), not of {', '.join(cohorts)}")
        features = tuple(remote(MRI + name, name) for name in MRI_FILES)
        sources.append(Source(features, root / "tcga_mri_brats" / "mri_radiomics_gbmlgg.csv.gz", convert_mri))
    return sources


def by_hand(root: Path, cohorts: Sequence[str], parts: Sequence[str]) -> list[str]:
    """Return a line for every file of the parts that has to be put into the folder by hand and is not there.

    It says what the file is made of.
    """
    lines = []
    for part in parts:
        name, how = BY_HAND.get(part, ("", ""))
        names = [name.format(cohort=cohort.lower()) for cohort in cohorts] if "{" in name else [name] if name else []
        lines += [f"{root / one}: {how}" for one in names if not (root / one).exists()]
    return lines


def with_size(source: Source, host: Host) -> Source:
    """Return a source whose sizes are known, where its host tells them."""
    sized = [one if one.size is not None else replace(one, size=remote_size(one.url, host)) for one in source.remotes]
    return replace(source, remotes=tuple(sized))


def make(source: Source) -> None:
    """Make the adapter's file of its downloads, and remove them.

    Raises
    ------
    UsageError
        If a download is not what it should be (all are removed), or the file cannot be written.
    """
    downloads = [remote.target for remote in source.remotes]
    try:
        source.convert(*downloads, source.made)
    except WrongContentError as error:
        for path in downloads:
            path.unlink()
        raise UsageError(f"{error}; the download was removed") from None
    for path in downloads:
        path.unlink()


def convert_cdr(workbook: Path, made: Path) -> None:
    """Write the sheet TCGA-CDR of the Clinical Data Resource as the adapter reads it.

    Without the column of row numbers, ``bcr_patient_barcode`` and ``type`` as ``patient_id`` and ``cancer``, whole
    numbers without decimals; ``[Not Available]`` and the like stay.

    Raises
    ------
    WrongContentError
        If the workbook is damaged or is another one.
    """
    try:
        frame = pd.read_excel(workbook, sheet_name="TCGA-CDR", keep_default_na=False, na_values=["#N/A", ""])
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise WrongContentError(f"{workbook}: cannot be read as the TCGA-CDR workbook: {first_line(error)}") from None
    require_columns(workbook, frame, ["bcr_patient_barcode", "type", "OS", "OS.time"])
    frame = frame[[name for name in frame.columns if not str(name).startswith("Unnamed")]]
    frame = frame.rename(columns={"bcr_patient_barcode": "patient_id", "type": "cancer"})
    require_unique(workbook, frame["patient_id"])
    for name in frame.columns:
        if pd.api.types.is_float_dtype(frame[name].dtype) and (frame[name].dropna() % 1 == 0).all():
            frame[name] = frame[name].astype("Int64")
    write_table(frame, made)


def convert_reports(archive: Path, made: Path) -> None:
    """Write TCGA-Reports as the adapter reads it: the longest of each patient, with the cancer of ``cdr.csv.gz``.

    Raises
    ------
    WrongContentError
        If the archive is damaged or another one.
    """
    clinical = made.with_name("cdr.csv.gz")
    try:
        frame = pd.read_csv(archive, dtype=str, keep_default_na=False)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise WrongContentError(f"{archive}: cannot be read as the archive of reports: {first_line(error)}") from None
    require_columns(archive, frame, ["patient_filename", "text"])
    cancers = pd.read_csv(clinical, usecols=["patient_id", "cancer"], dtype=str).set_index("patient_id")["cancer"]
    frame["patient_id"] = frame["patient_filename"].str.slice(0, PATIENT_LENGTH)
    frame["n_words"] = frame["text"].str.split().str.len()
    frame = frame[frame["patient_id"].isin(cancers.index) & (frame["n_words"] > 0)]
    if frame.empty:
        raise WrongContentError(f"{archive}: no report is of a patient of {clinical.name}")
    frame = frame.sort_values(["patient_id", "n_words"], ascending=[True, False], kind="stable")
    frame = frame.drop_duplicates("patient_id").assign(source="tcga_reports")
    frame["cancer"] = cancers.loc[frame["patient_id"]].to_numpy()
    write_table(frame[["patient_id", "cancer", "source", "n_words", "text"]], made)


def convert_expression(table: Path, made: Path) -> None:
    """Write an expression table of UCSC Xena (HiSeqV2_PANCAN) with one row per patient.

    The values stay what they are, log2(RSEM + 1) less the gene's mean over all TCGA cohorts, which is another
    quantity than the z-scores of ``rna_z_<cohort>.csv.gz``: the file has a name of its own. Of several samples of a
    patient the primary tumour is taken.

    Raises
    ------
    WrongContentError
        If the table is damaged or is another one.
    """
    try:
        frame = pd.read_csv(io.BytesIO(gzip.decompress(table.read_bytes())), sep="\t", index_col=0)
    except (ValueError, OSError, EOFError) as error:
        raise WrongContentError(f"{table}: cannot be read as a gzipped table: {first_line(error)}") from None
    frame.columns = frame.columns.astype(str)
    samples = pd.DataFrame({"sample": frame.columns})
    samples["patient_id"] = samples["sample"].str.slice(0, PATIENT_LENGTH)
    samples["kind"] = samples["sample"].str.slice(PATIENT_LENGTH + 1, PATIENT_LENGTH + 3)
    samples = samples[samples["kind"].isin(SAMPLE_TYPES)]
    if samples.empty:
        raise WrongContentError(f"{table}: no column is a tumour sample (TCGA-XX-XXXX-01)")
    require_unique(table, frame.index.to_series())
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes):
        raise WrongContentError(f"{table}: it holds something else than numbers")
    samples = samples.sort_values(["patient_id", "kind", "sample"]).drop_duplicates("patient_id")
    made_of = frame[samples["sample"]].T.sort_index(axis="columns").round(4)
    made_of.insert(0, "patient_id", samples["patient_id"].to_numpy())
    write_table(made_of, made)
