"""Help in the window: topics of the documents, terms of the glossary and commands, searched.

The window builds it when it is first asked for; it knows no tab. The gallery shows every widget.
"""

__all__ = ["gallery", "shortcuts", "welcome", "window"]
