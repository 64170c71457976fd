"""`python -m simulator box | devices | people | history`."""

import sys

from simulator.command import main

sys.exit(main())
