"""Help in the window: topics of the documents, terms of the glossary and commands, searched.

The window builds it when it is first asked for; it knows no tab.
"""

__all__ = ["shortcuts", "topics", "window"]
