"""The invented past, entered through the same doors as real events: central's ingest and the gateway's broker."""
