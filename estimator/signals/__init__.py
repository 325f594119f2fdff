"""Who else sees victims: surveys of people who might, and what they say with what certainty."""
