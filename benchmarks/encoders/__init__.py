"""Frozen pretrained encoders and the folder on disk that keeps what they computed."""
