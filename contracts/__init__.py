"""What crosses a process boundary, and the pure values every program shares. Nothing else lives here."""
