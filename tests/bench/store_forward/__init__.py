"""One load through two store-and-forward programs: this agent with its gateway, and `thingsboard-gateway`."""
