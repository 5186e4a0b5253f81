"""Where cells are computed: engines behind the seam of ``benchmarks.execution.engine``."""
