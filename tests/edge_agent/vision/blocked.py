"""`python -m tests.edge_agent.vision.blocked MODULE,MODULE PROGRAM …`: a program where these are not installed."""

import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class Without(PathFinder):
    absent: frozenset[str] = frozenset()

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return None if fullname.split(".")[0] in cls.absent else super().find_spec(fullname, path, target)


if __name__ == "__main__":
    Without.absent = frozenset(sys.argv[1].split(","))
    sys.meta_path[sys.meta_path.index(PathFinder)] = Without
    program = sys.argv[2]
    sys.argv = sys.argv[2:]
    runpy.run_module(program, run_name="__main__", alter_sys=True)
