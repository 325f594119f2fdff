"""What one more list would do to an estimate, or one list less: simulated from what is believed now."""
