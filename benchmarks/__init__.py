"""How long things take, measured; `python -m benchmarks` prints the table."""
