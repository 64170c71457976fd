"""The moment a visitor says: I am here."""
