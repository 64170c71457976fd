"""How many random days two rule sets written apart must decide alike: few in `make test`, all in `make oracles`."""

import os

DAYS = int(os.environ.get("ANCHANG_ORACLE_DAYS", "400"))
