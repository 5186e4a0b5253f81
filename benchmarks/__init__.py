"""Compare multimodal survival methods under one fixed evaluation protocol."""
