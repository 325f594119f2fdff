"""The checks of a scrutiny, each with a finding."""
