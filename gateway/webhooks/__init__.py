"""Facts for other systems: signed, at least once, in order for each subscription. Ids only, no name and no number."""
