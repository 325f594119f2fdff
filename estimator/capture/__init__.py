"""What was seen: from files of counts to a capture table; coarsening, overlaps, existence of an estimate."""
