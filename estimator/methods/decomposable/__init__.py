"""Averaging over decomposable graphical models: which pairs of lists depend is itself uncertain."""
