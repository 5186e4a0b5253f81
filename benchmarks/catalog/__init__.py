"""Which methods and datasets there are: cards, registry, settings, loading, checksums of code and content."""
