"""The verbs that read boards, one file a verb."""
