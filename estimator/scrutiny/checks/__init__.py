"""The checks of `darkfigure scrutinise`, each from a run to a finding with its words and its picture."""
