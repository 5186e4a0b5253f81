"""Fitted methods in folders: JSON and safetensors, read without running any code of the folder."""
