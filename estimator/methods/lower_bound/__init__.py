"""The lower bound of Chao: at least how many people no list has seen."""
