"""The regression check: a small declared grid is run again and compared with committed references."""
