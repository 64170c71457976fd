"""Questions to the reception: evidence about who a visitor is that contradicts itself."""
