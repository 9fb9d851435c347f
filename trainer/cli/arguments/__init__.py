"""The arguments of all commands, and the options that several of them have.

Nothing here brings torch: a command line is understood before what it needs is imported.
"""

__all__ = ["data", "installation", "networks", "shared"]
