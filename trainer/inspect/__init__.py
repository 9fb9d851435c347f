"""A network taken apart: how it is built, why it answers so, and how much it bears."""
