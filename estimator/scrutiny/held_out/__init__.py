"""Lists whose size is known: estimated from the other lists, and what they teach of dependence."""
