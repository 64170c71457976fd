"""Cameras: faces of those who asked for it, and anonymous people crossing lines.

Only what has a camera installs OpenCV (`requirements/vision.txt`); modules that import it are imported when a camera
or an engine is built, never by the agent's start. Raw frames stay in memory, always.
"""

import os

# The gallery's matrix is read at the speed of memory by one thread; more of them only wait for each other, and for the
# cameras. numpy reads this once, when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
