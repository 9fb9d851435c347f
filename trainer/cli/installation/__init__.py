"""Commands about the program itself rather than about networks.

`doctor` says what a report of a fault needs to know, `completion` teaches a shell the commands,
and `bundle` collects what a class without a network connection needs.
"""

__all__ = ["bundle", "completion", "doctor"]
