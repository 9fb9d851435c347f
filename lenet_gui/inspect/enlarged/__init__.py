"""enlarged."""
