"""Every value of a card is of the kind its key is for, or one line names file and key."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from benchmarks.catalog import loading
from benchmarks.catalog.cards import DatasetCard, MethodCard, read_dataset_cards, read_method_card
from benchmarks.errors import UsageError
from benchmarks.types.canonical import canonical_json

METHOD = {
    **dict.fromkeys(("title", "citation", "licence", "from_source", "our_choice"), '"a"'),
    "name": '"own"',
    "entry": '"own.method:Own"',
    "modalities": '{required = ["clinical"]}',
}
DATASET = {
    **dict.fromkeys(("title", "source", "citation", "licence", "endpoint"), '"a"'),
    "name": '"own"',
    "entry": '"own.adapter:load"',
    "time_unit": '"days"',
    "modalities": '["clinical"]',
}
# What a key may be given by mistake: every kind of value that TOML has, and strange ones of each.
VALUES = [
    *('"a text"', '""', '"a:b"', '"\\u0000\\u001b[31m"', "1", "-1", "9" * 30, "9" * 400, "1.5", "inf", "nan", "true"),
    *("[]", '["a"]', '[""]', '["*"]', '[1, "a"]', "[[1]]", "[{}]", "[2020-01-01]", "1979-05-27", "07:32:00"),
    *("{}", "{a = 1}", '{a = "b"}', '{a = "{"}', '{a = "{0}"}', "{a = [1, 2]}", "{a = {b = [1, {c = 2.5}]}}"),
    *("{a = 2020-01-01}", "{a = inf}"),
]
METHOD_KEYS = [
    *(f.name for f in fields(MethodCard)),
    "modalities.required",
    "modalities.optional",
    "modalities.setting",
]
DATASET_KEYS = [*(f.name for f in fields(DatasetCard)), "members", "another"]


def write(path: Path, values: dict[str, str], key: str, value: str) -> Path:
    outer, _, inner = key.partition(".")
    changed = {**values, outer: f"{{{inner} = {value}}}" if inner else value}
    path.write_text("".join(f"{name} = {content}\n" for name, content in changed.items()))
    return path


@pytest.mark.parametrize("key", METHOD_KEYS)
def test_a_key_of_a_method_fits_or_is_named(tmp_path: Path, key: str) -> None:
    for value in VALUES:
        path = write(tmp_path / "card.toml", METHOD, key, value)
        try:
            card = read_method_card(path)
        except UsageError as error:
            assert_names(error, path, key)
        else:
            assert canonical_json(card.contract)
            assert {name: text.format_map({"a": 1}) for name, text in card.labels.items()} == card.labels


@pytest.mark.parametrize("key", DATASET_KEYS)
def test_a_key_of_a_dataset_fits_or_is_named(tmp_path: Path, key: str) -> None:
    for value in VALUES:
        path = write(tmp_path / "own.toml", DATASET, key, value)
        try:
            cards = read_dataset_cards(path)
        except UsageError as error:
            assert_names(error, path, key)
        else:
            assert canonical_json([[card.options, card.arguments] for card in cards])
            assert {type(card.horizon) for card in cards} <= {type(None), float}


def assert_names(error: UsageError, path: Path, key: str) -> None:
    message = str(error)
    assert message.startswith(f"{path}: ")
    assert message.isprintable()
    assert len(message) < 500
    assert key in message or "unknown key" in message


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("modalities", '["clinical", "rna"]', r"'modalities' must be a table \(\[modalities\]\), not a list of texts"),
        ("modalities.required", '"clinical"', "'modalities.required' must be a list of texts, not 'clinical'"),
        ("groups", '"baselines"', "'groups' must be a list of texts, not 'baselines'"),
        ("title", "2026-01-01", "'title' must be a text, not a date"),
        ("requires", '[1, "a"]', "'requires' must be a list of texts, not a list of numbers and texts"),
        ("labels", "{backbone = true}", "'labels' must be a table of texts, not a table"),
    ],
)
def test_the_message_says_what_is_expected_and_what_was_found(tmp_path: Path, key, value, problem) -> None:
    path = write(tmp_path / "card.toml", METHOD, key, value)
    with pytest.raises(UsageError, match=f"card.toml: the key {problem}$"):
        read_method_card(path)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("{rna = true}", "'transductive' must be a table of tables, such as .*, not a table"),
        ("{tea = {}}", r"'transductive.tea' must be of a modality \(clinical.*\), not 'tea'"),
        ("{clinical = {colour = 'red'}}", r"'transductive.clinical' must be of options \(.*\), not 'colour'"),
    ],
)
def test_only_modalities_and_options_of_the_card_are_transductive(tmp_path: Path, value: str, problem: str) -> None:
    path = write(tmp_path / "own.toml", DATASET, "transductive", value)
    with pytest.raises(UsageError, match=f"own.toml: the key {problem}"):
        read_dataset_cards(path)


@pytest.mark.parametrize("name", ["x", "card.toml"])
def test_a_card_that_is_no_readable_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "card.toml").mkdir()
    with pytest.raises(UsageError, match=f"{name}"):
        read_method_card(tmp_path / name)


def test_a_card_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes('title = "Müller"'.encode("latin-1"))
    with pytest.raises(UsageError, match=r"card.toml: not valid TOML: byte 10 is no UTF-8"):
        read_method_card(path)


def test_arguments_that_the_adapter_does_not_take_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    card = replace(loading.dataset_card("gbsg2"), arguments={"colour": "red"})
    monkeypatch.setattr(loading, "dataset_card", lambda name: card)
    with pytest.raises(UsageError, match=r"gbsg2: the arguments, .* do not fit .*: got an unexpected .* 'colour'"):
        loading.load_dataset("gbsg2")
