"""What central masters, fetched in the order of change: customers, registrations, referrals, agents, policies."""
