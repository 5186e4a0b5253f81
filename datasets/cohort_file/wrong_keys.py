"""What is wrong with the keys of a cohort file, in the words of the file."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.errors import hint

from .problems import quoted

# What pydantic says in the words of Python.
_PLAIN = {
    "string_type": "it must be a text in quotes",
    "dict_type": "it must be a section or {KEY = VALUE, ...}",
    "model_type": "it must be a section",
    "model_attributes_type": "it must be a section",
    "list_type": "it must be a list in brackets",
    "too_short": "the list is empty",
    "int_type": "it must be a whole number",
    "float_type": "it must be a number",
    "finite_number": "it must be a finite number",
    "string_too_long": "it is too long; 1,000 characters at most",
}
_OF_KEY = {
    "name": "letters, digits, - and _ only",
    "separator": 'it must be one sign between cells, such as ",", ";", "|" or "\\t"',
    "encoding": 'it must be the name of an encoding, such as "utf-8" or "latin-1"',
    "types": '"numeric", "categorical", or the list of its levels, two at least',
    "event_values": "it must be a list of words and numbers",
    "censored_values": "it must be a list of words and numbers",
    "missing": "it must be a list of words and numbers",
}
KINDS = "table, matrix, text, bags or facts"


def told_problems(problems: Sequence[Mapping[str, Any]], keys: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the problems that pydantic found, a line each; misspelt keys first, and not as missing ones again.

    Parameters
    ----------
    problems : sequence of mapping
        Of a ``ValidationError``.
    keys : mapping of str to sequence of str
        The keys that each section may have; of a modality, by ``modalities.KIND``.
    """
    misspelt = [list(problem["loc"]) for problem in problems if problem["type"] == "extra_forbidden"]
    ordered = sorted(problems, key=lambda problem: problem["type"] != "extra_forbidden")
    lines = [_told(problem, keys) for problem in ordered if not _is_misspelt(problem, misspelt)]
    return list(dict.fromkeys(lines))


def _is_misspelt(problem: Mapping[str, Any], misspelt: Sequence[list[Any]]) -> bool:
    """Return whether a missing key is there under another spelling."""
    *section, key = problem["loc"]
    written = [other[-1] for other in misspelt if other[:-1] == section]
    return problem["type"] == "missing" and bool(difflib.get_close_matches(str(key), map(str, written), cutoff=0.5))


def _told(problem: Mapping[str, Any], keys: Mapping[str, Sequence[str]]) -> str:
    place = [str(part) for part in problem["loc"]]
    kind = ""
    if place[0] == "modalities" and len(place) > 2:
        if place[2] == "[key]":
            return f"[modalities]: {quoted(place[1])}: {_OF_KEY['name']}"
        kind = place.pop(2)  # which pydantic puts between the modality and its key
    depth = {"modalities": 3, "format": 2, "table": 2, "clinical": 2}.get(place[0], 1)
    *section, key = place[:depth]
    where = f"[{'.'.join(section)}]: " if section else ""
    match problem["type"]:
        case "missing":
            return f"{where}the key {key!r} is missing"
        case "extra_forbidden":
            known = keys[f"modalities.{kind}" if kind else ".".join(section)]
            return f"{where}unknown key {quoted(key)}; {hint(key, known)}"
        case "union_tag_not_found":
            return f"[{'.'.join(place)}]: the key 'kind' is missing: {KINDS}"
        case "union_tag_invalid":
            return f"[{'.'.join(place)}]: kind = {quoted(problem['input'].get('kind'))}: it must be {KINDS}"
    value = problem["input"]
    if key == "types" and len(place) > depth:
        return f"{where}types of {quoted(place[depth])}: {_OF_KEY['types']}"
    if len(place) > depth:
        return f"{where}{key} holds {quoted(value)}: {_OF_KEY.get(key, 'it must be a list of texts in quotes')}"
    message = str(problem["msg"])
    plain = _PLAIN.get(problem["type"], f"{message[0].lower()}{message[1:]}")
    if problem["type"] == "string_pattern_mismatch":
        plain = _OF_KEY[key]
    return f"{where}{key} = {quoted(value)}: {plain}"
