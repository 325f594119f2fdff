"""The rule by which a prior file that lets groups differ is added, written before anything was learned or judged."""

RULE = """\
## The rule for a prior file in which groups differ (written on 28 November 2026, before the fits)

`evidence-groups` is `evidence` with `between_strata` at the median of what lists held out by stratum say of it, of all
families. It ships beside `evidence`, as a choice, if all of this holds; otherwise the figures are printed and no file
is added. The default stays `evidence` in any case.

1. Learned without the family that is judged, the log score of how the people whom all other lists missed are divided
   over strata, given their number (families equal), is above that of `evidence` by at least one standard error over
   families.
2. 95 % intervals of shares of groups in the total, of lists held out and learned without the family (families equal),
   hold between 90 and 99 %, and their share is nearer to 95 % than under `evidence`.
3. On simulated tables in which groups do not differ in what no list shows, intervals of the log odds of shares are at
   most 1.5 times as wide as under `evidence`.

The form (levels of each covariate, a random walk over ordered levels) was settled by argument before
([model.md](model.md)); how other forms predict is printed beside it and changes nothing. Neither the numbers before any
table (a log-normal distribution around 0.3, standard deviation of the logarithm 1) nor what is a family is changed
afterwards.
"""
