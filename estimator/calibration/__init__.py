"""Whether intervals hold what they promise: simulated truth and held-out lists."""
