"""Events of the nodes: taken once, in order, and acknowledged after the commit."""
