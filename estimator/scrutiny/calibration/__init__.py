"""Tables whose truth is known because they were simulated: whether posteriors are right, and intervals hold."""
