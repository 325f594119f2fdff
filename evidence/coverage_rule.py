"""The rule by which coverage that follows from the dark figure is judged, written down before it was compared."""

from __future__ import annotations

COVERAGE_RULE = """\
## The rule for coverage that follows from the dark figure (written on 28 November 2026 at 14:16, before the comparison)

`form = "differences"` under `[coverage]` takes away what the odds of lists say of the dark figure ([model.md](model.md#coverage-that-follows-from-the-dark-figure)).
Everything else stays: `evidence` with it has the same pairs, the same size of ξ and the same statement on the dark figure, learned without the family that is judged where
`evidence` was learned from it, and learned anew for neither. What had been seen when this was written: theory, tests, and the medians of `nl-2010-2015` under `moderate`
(63,000 whether the odds are `[-2, 1.5]`, `[-3, 3]` or `[-2, 0.5]`). No held-out list and no simulated population had been.

It *may* be the default of `evidence` on grounds of coherence, being no worse, if all of this holds:

1. lists held out, 19 families: its mean 95 % score is at most one standard error (of the difference by families) above that of `evidence`;
2. the same: the shares that 50, 80 and 95 % intervals hold are together no further from 50, 80 and 95 % than those of `evidence`, by more than 2 points;
3. the same: its mean log of the median over the truth is no further from 0, by more than 0.05;
4. simulated populations: it holds (95 %) no fewer latent classes than `evidence`, and with one pair at an odds ratio of 8 and with a nested list no fewer less one in 24;
5. on independent lists its intervals are at most 1.8 times as wide as those of `nl-2017` (log-scale means).

It is *better*, by the standing rule for a default, if its score is lower by two standard errors on the 8 families that neither was learned from. What its priors say of the dark figure is shown
whatever comes out. No default is changed by this command.
"""

COVERAGE_OUTCOME = """\
How it came out is in [coverage-form.md](coverage-form.md).
"""
