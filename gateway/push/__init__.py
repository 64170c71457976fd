"""Alerts for people who do not look at a tablet: webhook, group robots, text messages. Nothing personal in any body."""
