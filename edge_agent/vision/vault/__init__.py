"""The template vault and what guards it: consents, the lease, sealed probes. Nothing below here sends anything."""
