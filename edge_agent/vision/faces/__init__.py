"""From pictures to probes: which faces are in view, which look is good enough, and when to embed it."""
