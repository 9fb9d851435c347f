"""handwriting."""
