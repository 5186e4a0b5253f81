"""Building blocks that several methods use."""
