"""What columns of survival tables are usually called: identifiers, times and events, and which of them belong together.

Names are those of R's survival, lifelines, scikit-survival, the TCGA clinical data resource, cBioPortal, the GDC and
CDISC's ADTTE.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal


def _each(words: str) -> tuple[str, ...]:
    return tuple(words.split())


# In the order in which they are taken. What is called like one of the first repeats only if a patient does.
_OF_PERSONS = _each(
    "patient_id patientid patient patient_barcode bcr_patient_barcode patient_number patient_no "
    "pat_id patid pat pid ptid pt_id pidnum usubjid subjid subject_id subjectid subject "
    "participant_id participant person_id mrn customer_id customerid user_id client_id employee_id "
    "case_submitter_id submitter_id id"
)
_OF_RECORDS = _each("seqno case_id record_id study_id sample_id sampleid sample case barcode stnum code")
_OF_ROWS = frozenset(("", *_each("rownames row_names row_name row rowid row_id index no nr obs x")))

# What words of a name mean, after phrases have become one word.
_PHRASES = {
    "overall_survival": "os",
    "disease_free_survival": "dfs",
    "disease_free_interval": "dfi",
    "disease_free": "dfs",
    "progression_free_survival": "pfs",
    "progression_free_interval": "pfi",
    "progression_free": "pfs",
    "relapse_free_survival": "rfs",
    "recurrence_free_survival": "rfs",
    "relapse_free": "rfs",
    "recurrence_free": "rfs",
    "event_free_survival": "efs",
    "event_free": "efs",
    "disease_specific_survival": "dss",
    "cancer_specific_survival": "dss",
    "metastasis_free_survival": "mfs",
    "follow_up": "followup",
    "vital_status": "vital",
    "cause_of_death": "causeofdeath",
    "death_from_cancer": "causeofdeath",
    "last_contact": "lastcontact",
    "last_followup": "lastcontact",
    "last_known_alive": "lastcontact",
    "new_tumor_event": "newtumorevent",
    "treatment_outcome": "treatmentoutcome",
    "tumor_status": "tumorstatus",
}
_ENDPOINTS = {
    "death": _each("os vital death dead died deceased die dth mortality dtime survtime alive living survived"),
    "recurrence": _each("recur recurrence recurred relapse relapsed rec rel rtime rectime reltime edrel rcens"),
    "progression": ["progression", "progressed", "progress", "pstat", "ptime", "pctime", "ttp"],
    "disease-free survival": ["dfs"],
    "disease-free interval": ["dfi"],
    "progression-free survival": ["pfs"],
    "progression-free interval": ["pfi"],
    "relapse-free survival": ["rfs", "rfstime"],
    "event-free survival": ["efs"],
    "metastasis-free survival": ["mfs", "dmfs"],
    "death from the disease": ["dss", "css"],
    "metastasis": ["metastasis", "tdm"],
    "churn": ["churn", "churned", "tenure"],
    "arrest": ["arrest"],
    "acute graft-versus-host disease": ["agvh", "agvhtime"],
    "chronic graft-versus-host disease": ["cgvh", "cgvhtime"],
}
_ENDPOINT_OF = {word: endpoint for endpoint, words in _ENDPOINTS.items() for word in words}
# Names that are one word and hold the time or the event in it.
_GLUED = {
    "censdead": ("event", "death"),
    "censrec": ("event", "recurrence"),
    "txtime": ("time", "tx"),
    "crtime": ("time", "cr"),
    "rltime": ("time", "recurrence"),
}
_IS_A_TIME = frozenset(
    _each(
        "time times months days years yrs week weeks hours t duration followup futime survtime dtime rtime "
        "ptime pctime rectime reltime rfstime edrel lenfol ftime aval tenure agvhtime cgvhtime tte"
    )
)
# Such a name tells a follow-up by itself; months or days alone may count from anything.
_TELLS_FOLLOW_UP = frozenset(
    _each("duration fu followup futime lenfol ftime aval tenure tte survival surv lastcontact")
) | frozenset(_ENDPOINT_OF)
_IS_AN_EVENT = frozenset(
    _each(
        "status event events stat fustat fstat censor censored censoring censorship cens cnsr ind "
        "indicator flag e observed occurred outcome failure failed"
    )
)
_OF_ANYTHING = frozenset(["status", "stat", "indicator", "ind", "flag", "observed", "outcome"])
_SAYS_AN_EVENT = _IS_AN_EVENT | (frozenset(_ENDPOINT_OF) - _IS_A_TIME - {"tdm", "rec", "ttp", "die"})
_EVENT_FILLERS = frozenset(
    _each("no not without non to at in of is has any cause total overall survival surv patient patients fu followup")
)
_SINCE = frozenset(_each("from since between surgery diagnosis randomization randomisation enrollment enrolment"))
_TIME_FILLERS = _EVENT_FILLERS | _SINCE | frozenset(_each("until till or and last first observed contact lastcontact"))
# A column called so is known only when the outcome is.
_AFTERWARDS = frozenset(
    _each("vital death dead died deceased causeofdeath lastcontact newtumorevent treatmentoutcome tumorstatus pcdx")
)
_OF_A_SPLIT = frozenset(("fold", "folds", "split", "set", "part", "partition"))
Unit = Literal["days", "months", "years"]
_UNITS: dict[Unit, tuple[str, ...]] = {
    "days": ("day", "days"),
    "months": ("month", "months", "mo", "mos"),
    "years": ("year", "years", "yrs", "yr"),
}


@dataclass(frozen=True, slots=True)
class Role:
    """What a name makes of a column of times or events.

    Parameters
    ----------
    column : str
        The column.
    endpoint : str
        What its event is; empty if the name does not say.
    rank : int
        0: the name tells a follow-up or an event by itself; 1: it fits; 2: a time that may count from or to
        anything, or an event of something unknown.
    """

    column: str
    endpoint: str
    rank: int

    def goes_with(self, other: "Role") -> bool:
        """Return whether time and event may be of one endpoint."""
        return self.endpoint == other.endpoint or "" in (self.endpoint, other.endpoint)


def plain(name: str) -> str:
    """Return a name in lower case with one underscore between words: ``daysToDeath`` is ``days_to_death``."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name; what is written in several, such as overall survival, is one."""
    text = f"_{plain(name)}_"
    for phrase, word in _PHRASES.items():
        text = text.replace(f"_{phrase}_", f"_{word}_")
    return frozenset(text.strip("_").split("_")) - {""}


def identifier_rank(name: str) -> int | None:
    """Return the place of a name among the usual names of identifiers, None if it is none of them."""
    known = [*_OF_PERSONS, *_OF_RECORDS]
    return known.index(plain(name)) if plain(name) in known else None


def names_a_person(name: str) -> bool:
    """Return whether a column called so says which person a row is of."""
    return plain(name) in _OF_PERSONS


def names_a_record(name: str) -> bool:
    """Return whether a column called so has an identifier of each row, which repeats only if a patient does."""
    return plain(name) in _OF_RECORDS and (plain(name).endswith("id") or plain(name) == "seqno")


def names_a_row(name: str) -> bool:
    """Return whether a column called so counts rows; pandas calls a column without a name ``Unnamed: 0``."""
    return plain(name) in _OF_ROWS or plain(name).startswith("unnamed_")


def names_a_split(name: str) -> bool:
    """Return whether a column called so says in which part of a split a patient is."""
    return plain(name) in _OF_A_SPLIT


def names_what_follows(name: str) -> bool:
    """Return whether a column called so is known only when the outcome is."""
    return bool(words_of(name) & _AFTERWARDS)


def names_some_time(name: str) -> bool:
    """Return whether a name holds a word for a time, such as ``wait.time`` or ``txtime``; an age is none."""
    words = words_of(name)
    return "age" not in words and any(
        word in _IS_A_TIME - {"t", "years"} or (word.endswith("time") and word != "protime") for word in words
    )


def names_time_to_event(name: str) -> bool:
    """Return whether a column called so is known only for who had the event, such as ``days_to_death``."""
    words = words_of(name)
    return "to" in words and "lastcontact" not in words and bool(words & frozenset(_ENDPOINT_OF))


def names_last_contact(name: str) -> bool:
    """Return whether a column called so counts to the last contact, such as ``days_to_last_followup``."""
    return "lastcontact" in words_of(name)


def time_role(name: str) -> Role | None:
    """Return what a column's name makes of it as a time; None if it names no time."""
    words = words_of(name)
    glued = [_GLUED[word] for word in words if word in _GLUED]
    if glued:
        return Role(name, glued[0][1], 0) if glued[0][0] == "time" else None
    is_survival = words & {"survival", "followup"} and words <= _TIME_FILLERS
    if not words & _IS_A_TIME and not is_survival:
        return None
    rest = words - _IS_A_TIME - _TIME_FILLERS - frozenset(_ENDPOINT_OF)
    endpoint = _endpoint(words)
    if not rest:
        tells = bool(words & _TELLS_FOLLOW_UP)
        return Role(name, endpoint, 0 if tells else 2 if words & _SINCE else 1)
    return Role(name, "_".join(sorted(rest)), 2)


def event_role(name: str) -> Role | None:
    """Return what a column's name makes of it as an event; None if it names none."""
    words = words_of(name)
    glued = [_GLUED[word] for word in words if word in _GLUED]
    if glued:
        return Role(name, glued[0][1], 0) if glued[0][0] == "event" else None
    if not words & _SAYS_AN_EVENT:
        return None
    rest = words - _IS_AN_EVENT - _EVENT_FILLERS - frozenset(_ENDPOINT_OF)
    if not rest:
        return Role(name, _endpoint(words), 0)
    # marital_status is the status of something else; censor_d may belong to time_d.
    return Role(name, "_".join(sorted(rest)), 2) if words & (_IS_AN_EVENT - _OF_ANYTHING) else None


def alike(time: str, event: str) -> bool:
    """Return whether two names are the same but for the words for time and event, such as PFI.time and PFI."""
    return words_of(time) - _IS_A_TIME - {"to"} == words_of(event) - _IS_AN_EVENT


def unit_of(name: str) -> Unit | None:
    """Return the unit of time that a name contains."""
    words = set(plain(name).split("_"))
    return next((unit for unit, called in _UNITS.items() if words & set(called)), None)


def unit_unknown_here(name: str) -> str | None:
    """Return a unit in a name that a cohort file does not have."""
    return next((word for word in ("weeks", "week", "hours", "minutes") if word in plain(name).split("_")), None)


def _endpoint(words: Collection[str]) -> str:
    found = sorted({_ENDPOINT_OF[word] for word in words if word in _ENDPOINT_OF})
    return found[0] if len(found) == 1 else " or ".join(found)
