"""How fast training and inference are, without a window."""
