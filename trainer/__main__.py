"""`python -m trainer`: the same as `lenet`."""

import sys

from trainer.cli.parser import main

sys.exit(main())
