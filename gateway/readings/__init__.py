"""What site sensors measure: the newest reading of each, and since when it is beyond its limit."""
