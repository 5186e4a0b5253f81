"""From a model's outputs to survival curves, and the losses that go with them."""
