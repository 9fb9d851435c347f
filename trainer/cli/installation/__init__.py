"""Commands about the program itself rather than about networks.

`doctor` says what a report of a fault needs to know, `completion` teaches a shell the commands,
and `bundle` collects what a class without a network connection needs. Their options are in
`arguments`, so that a command is imported only when it is asked for.
"""

__all__ = ["arguments", "bundle", "completion", "doctor"]
