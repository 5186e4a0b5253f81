"""From modalities to numbers, learnt on the training patients."""
