"""How well digits are recognized."""
