"""From exports of registers to the capture table: persons, not counts."""
