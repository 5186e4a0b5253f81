"""The error of a metric that has no value."""


class UndefinedError(ValueError):
    """The data at hand leave a metric without a value: nobody has an event, no pair is comparable, G is 0.

    The input is valid, other patients or another horizon would have a value; the message says what is lacking.
    Wrong input (shapes, NaN, numbers out of range) is a plain `ValueError`.

    Examples
    --------
    Nobody outlives the only event:

    >>> from metrics import UndefinedError, concordance_index
    >>> try:
    ...     concordance_index([1.0, 2.0], [0, 1], [0.3, 0.7])
    ... except UndefinedError:
    ...     print("no value")
    no value
    """
