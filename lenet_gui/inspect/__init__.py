"""The Inspect tab and its parts."""
