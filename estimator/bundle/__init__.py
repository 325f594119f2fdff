"""A run handed to a reviewer: verified, run again, packed in one zip with its record, and opened safely."""
