"""The window: Qt widgets over the trainer package."""
