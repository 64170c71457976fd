"""The durable outbox: what a device said is accepted once it is committed here, and kept until it is safe elsewhere."""
