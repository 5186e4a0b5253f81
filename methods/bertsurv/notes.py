"""The notes of patients: those of a modality, or, where a dataset has none, sentences made of its table."""

from benchmarks.errors import UsageError
from benchmarks.types import Context, Patients, Table, Texts
from methods.cox_text_generation.prompts import natural_sentences, varying_columns


class Notes:
    """Finds the notes of patients.

    Without any modality of texts, a note is a sentence a covariate of the clinical table ("age is 56."), and is marked
    ``templated``: text and measurements then say the same. Covariates that are the same for all training patients are
    left out.

    Parameters
    ----------
    name : str
        The modality.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, patients: Patients, context: Context) -> "Notes":
        """Learn from the training patients which covariates vary, if the notes are made of a table.

        Raises
        ------
        UsageError
            If the modality is no text, if it is not there but other texts are, or if there is no table either.
        """
        modalities = patients.modalities
        self._columns: list[str] | None = None
        if self.name in modalities:
            if not isinstance(modalities[self.name], Texts):
                raise UsageError(f"text={self.name}: this modality is no text")
            return self
        texts = [name for name, modality in modalities.items() if isinstance(modality, Texts)]
        if texts:
            raise UsageError(f"text={self.name}: no such modality; texts here: {', '.join(texts)}")
        tables = [name for name, modality in modalities.items() if isinstance(modality, Table)]
        if not tables:
            raise UsageError("there are neither notes nor a table to make them of; take notes=false")
        self._table = tables[0]
        self._columns = varying_columns(patients.table(self._table).blanked())
        context.logger.warning(
            "no modality %r: the notes are templated, made of the table %r, and say nothing that it does not say",
            self.name,
            self._table,
        )
        return self

    @property
    def templated(self) -> bool:
        """Whether the notes are made of a table."""
        return self._columns is not None

    def texts(self, patients: Patients) -> Texts:
        """Return the notes of n patients."""
        if self._columns is None:
            return patients.texts(self.name)
        table = patients.table(self._table).blanked()
        sentences = natural_sentences(Table(table.frame[self._columns]))
        return Texts(tuple(" ".join(patient) for patient in sentences), table.present, templated=True)
