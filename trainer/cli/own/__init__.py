"""Commands about one's own data: `lenet data` tells what they are, `lenet classes` learns drawings.

`arguments` has their options, `data` and `classes` do the work; `data` also finds out what the
option `--dataset` of other commands means.
"""

__all__ = ["arguments", "classes", "data"]
