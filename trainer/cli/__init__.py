"""`lenet`: the command line."""
