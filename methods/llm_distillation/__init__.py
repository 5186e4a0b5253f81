"""LLM distillation: a compact language model that learns survival, and to write it, from a teacher's answers."""
