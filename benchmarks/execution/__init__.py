"""Run cells, each in a process of its own."""
