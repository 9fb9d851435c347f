"""distort."""
