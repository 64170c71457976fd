"""`python -m edge_agent record`: a device's traffic as a fixture for the tests, with what is personal removed."""
