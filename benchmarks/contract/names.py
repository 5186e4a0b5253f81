"""What the name of a column says: that it tells the outcome, or that it numbers the patients."""

import re
from itertools import pairwise

# Words that speak of what happens to a patient, by their beginning.
_OUTCOME_STEMS = (
    "recur",
    "relaps",
    "death",
    "dead",
    "died",
    "deceas",
    "mortal",
    "expired",
    "progressi",
    "progressed",
    "surviv",
    "cens",
    "followup",
    "futime",
    "fustat",
    "outcome",
)
# Whole words: short for overall, progression-free, disease-free, ... survival, for follow-up and for an event.
_OUTCOME_WORDS = {
    *("os", "pfs", "dfs", "rfs", "efs", "dss", "mfs", "dmfs", "dfi", "pfi", "css"),
    *("fu", "fup", "cnsr", "event", "alive"),
}
# Words that say little alone and much together.
_OUTCOME_PAIRS = (
    ("vital", "status"),
    ("vital", "state"),
    ("follow", "up"),
    ("last", "contact"),
    ("last", "seen"),
    ("last", "visit"),
    ("last", "known"),
    ("last", "follow"),
    ("days", "to"),
    ("months", "to"),
    ("years", "to"),
    ("time", "to"),
)
_OUTCOME_NAMES = {"status", "event", "vital", "vitalstatus", "lastcontact", "lastseen", "time"}
# With one of these, the name speaks of what was before, or of something else that begins alike.
_EARLIER = {
    *("prior", "previous", "previously", "history", "hist", "hx", "family", "fam", "baseline", "before", "past"),
    *("birth", "diagnosis", "census"),
}

_IDENTIFIER_NAMES = {
    *("id", "pid", "patid", "patno", "patient", "patientid", "patientno", "subject", "subjectid", "subjid", "usubjid"),
    *("mrn", "record", "recordid", "caseid", "caseno", "case", "sampleid", "barcode", "seqn", "seq", "seqno"),
    *("row", "rows", "rowid", "rowname", "rownames", "rownumber", "rowno", "index", "idx", "unnamed", "unnamed0"),
}


def tells_outcome_by_name(name: str) -> bool:
    """Return whether a column's name speaks of an outcome, such as ``days_to_death``, ``recur`` or ``vitalStatus``."""
    words = _words(name)
    if _EARLIER & set(words):
        return False
    if "".join(words) in _OUTCOME_NAMES:
        return True
    if any(word in _OUTCOME_WORDS or word.startswith(_OUTCOME_STEMS) for word in words):
        return True
    return any(pair in _OUTCOME_PAIRS for pair in pairwise(words))


def is_identifier_by_name(name: str) -> bool:
    """Return whether a column is called as identifiers and row numbers are."""
    words = _words(name)
    return "".join(words) in _IDENTIFIER_NAMES or (len(words) > 1 and words[-1] == "id")


def _words(name: str) -> list[str]:
    """Split a name at everything that is no letter or digit, and where a small letter meets a capital one."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"[^0-9a-z]+", " ", parted.lower()).split()
