"""How many random days two rule sets written apart must decide alike: few in `make test`, all in `make oracles`.

`make oracles SEED=20000` takes other days than those from 0 on.
"""

import os

DAYS = int(os.environ.get("ANCHANG_ORACLE_DAYS", "400"))
FIRST = int(os.environ.get("ANCHANG_ORACLE_SEED", "0"))
SEEDS = range(FIRST, FIRST + DAYS)
