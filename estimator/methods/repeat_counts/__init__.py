"""How often one register saw the same people: zero-truncated counts, and what they say of people seen never."""
