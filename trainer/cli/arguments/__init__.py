"""The arguments of commands that have many, and the options that several commands have.

Nothing here brings torch: a command line is understood before what it needs is imported.
"""

__all__ = ["exchange", "predict", "shared"]
