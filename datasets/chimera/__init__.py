"""The CHIMERA challenge: adapters of its two tasks, and where its files come from."""
