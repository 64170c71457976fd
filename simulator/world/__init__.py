"""Who comes when: pure, seeded, without clock or I/O."""
