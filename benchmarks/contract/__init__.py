"""What every method must fulfil, as checks that run on anyone's."""
