"""my_digits."""
