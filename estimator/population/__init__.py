"""From posterior draws to population size, dark figure and coverage of every group."""
