"""What the documentation site is made with beside Sphinx's own extensions."""
