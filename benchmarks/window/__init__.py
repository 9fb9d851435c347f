"""How fast the window starts and responds, and how much memory it holds."""
