"""What leaves the office for somebody else's server: to which hosts, how it is signed, when it is tried again."""
