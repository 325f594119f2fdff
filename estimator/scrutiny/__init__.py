"""Whatever tries to break an estimate, and the engine that runs the thousands of fits that this takes."""
