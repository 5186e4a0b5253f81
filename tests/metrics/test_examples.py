"""The examples in the docstrings of the public names give what they say."""

import doctest

import pytest

import metrics


@pytest.mark.parametrize("name", metrics.__all__)
def test_the_examples_of_a_public_name_give_what_they_say(name: str) -> None:
    public = getattr(metrics, name)
    example = doctest.DocTestParser().get_doctest(public.__doc__, {}, name, None, None)
    assert example.examples, f"{name} has no example"
    told: list[str] = []
    doctest.DocTestRunner().run(example, out=told.append)
    assert not told, "".join(told)
