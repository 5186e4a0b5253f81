"""From files to modalities, for every adapter."""
