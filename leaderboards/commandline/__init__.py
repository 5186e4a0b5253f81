"""The verbs that read boards, one file per verb."""
