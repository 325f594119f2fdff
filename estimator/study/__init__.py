"""The study: what the table means, which assumptions are made, which questions are asked."""
