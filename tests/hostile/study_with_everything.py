"""A small study that uses every key of a study file and every file beside it, from which hostile ones are made."""

from __future__ import annotations

STUDY = """\
title = "People of a made-up town"
title_nl = "Mensen van een verzonnen stad"
language = "en"
source = "Made up"
licence = "None needed"
caveats = ["Nobody is real."]
table = "table.csv"
table_kind = "synthetic"
overlaps = "exclusive"

[lists.P]
label = "Police"
label_nl = "Politie"

[lists.K]
label = "Border police"

[lists.Z]
label = "Care"

[covariates.year]
levels = [2014, 2015]
ordered = true
label = "Year"
label_nl = "Jaar"

[covariates.sex]
levels = ["female", "male"]
labels = { female = "Women", male = "Men" }
labels_nl = { female = "Vrouwen", male = "Mannen" }

[[structural_zeros]]
lists = ["P", "K", "Z"]
where = { sex = "male" }
reason = "They do not meet"

[[not_operating]]
list = "Z"
where = { year = 2014, sex = "male" }
reason = "Not open yet"

[[unobserved]]
history = ["P", "Z"]
where = { year = 2014, sex = "female" }
reason = "Not counted"

[table_format]
suppressed_below = 5
suppressed_includes_zero = false
unknown_share = [0.01, 0.5]

[[decisions]]
name = "border-police"
list = "K"
choice = "keep"
where = { year = 2014 }
reason = "As before"
reason_nl = "Als eerder"

[[decisions]]
name = "referral"
list = "K"
fed_by = "P"
choice = "keep"
where = { year = 2015 }
reason = "Some come by way of the police"
reason_nl = "Sommigen komen via de politie"

[[changes]]
list = "P"
kind = "redefined"
since = 2015
reason = "A new law"
reason_nl = "Een nieuwe wet"

[[false_positives]]
list = "K"
share = [0.02, 0.1]
among = "alone"
where = { year = [2014] }
reason = "Followed up"
reason_nl = "Nagetrokken"

[[linkage_errors]]
lists = ["P", "Z"]
missed = [0.02, 0.08]
wrong = [0.001, 0.02]
reason = "Clerical review"
reason_nl = "Handmatig gecontroleerd"

[denominators]
file = "denominators.csv"

[published]
file = "published.csv"

[model]
priors = "mine.toml"
beside = ["wide"]
three_list = [["P", "K", "Z"]]
heterogeneity = ["year", "sex"]
composition = [["year", "sex"]]
method = "loglinear"
options = {}

[groups.women]
label = "Women"
label_nl = "Vrouwen"
where = { sex = "female" }
per = "women"

[period]
covariate = "year"
headline = [2014, 2015]

[multiverse]
vary = ["decisions", "border_cases", "lists", "covariates", "methods", "priors"]
decisions = ["border-police"]

[[multiverse.border_cases]]
name = "strict"
table = "table.csv"
label = "Strict"
label_nl = "Streng"
reason = "Doubtful"
reason_nl = "Twijfelachtig"

[[multiverse.lists]]
drop = ["Z"]
reason = "Small"
reason_nl = "Klein"

[[multiverse.lists]]
merge = ["P", "K"]
reason = "Alike"

[[multiverse.covariates]]
leave_out = ["sex"]
reason = "Few"
reason_nl = "Weinig"

[[multiverse.methods]]
method = "selection"
options = {}
reason = "Other"
reason_nl = "Anders"

[[multiverse.priors]]
priors = "wide"
reason = "Wide"
reason_nl = "Ruim"

[registers]
key = ["key", "born"]
key_ignores = ["case", "spaces"]
no_key = ["none"]
without_key = "alone"
list_column = "source"
leave_out_lists = ["others"]
date = "registered"
since = 2014-01-01
until = 2015-12-31
undated = "leave-out"
date_order = "day-month-year"
unknown_dates = [1900-01-01]
conflicts = "priority"
priority = ["K", "P"]
at_most = [["Z"]]
missing = "model"

[registers.lists.P]
file = "p.csv"
sheet = "data"
called = ["police"]
columns = { born = "GEB" }
lacks = ["gender"]
values = { sex = { "1" = "male" } }

[registers.covariates.year]
year_of = "registered"

[registers.covariates.sex]
column = "gender"
values = { M = "male" }
unknown = ["x"]
other = "female"
conflicts = "majority"
constant = true
"""

TABLE = """\
year,sex,P,K,Z,count
2014,female,1,0,0,40
2014,female,0,1,0,30
2014,female,0,0,1,20
2014,female,1,1,0,12
2014,female,0,1,1,..
2014,male,1,0,0,30
2014,male,0,1,0,20
2014,male,1,1,0,8
2015,female,1,0,0,41
2015,female,0,1,0,31
2015,female,0,0,1,21
2015,female,1,1,0,13
2015,female,1,0,1,9
2015,female,0,1,1,7
2015,male,1,0,0,31
2015,male,0,1,0,21
2015,male,0,0,1,11
2015,male,1,1,0,9
"""

DENOMINATORS = """\
population,year,inhabitants,source,how
women,2014,10000,Statistics office,counted
women,2015,10100,Statistics office,implied
"""

PUBLISHED = """\
id,group,years,measure,value,lower,upper,said,source,verified,calibrated,said_nl,source_nl
total-2015,total,2015,N,400,300,600,about 400,A report,yes,no,ongeveer 400,Een rapport
"""

PRIORS = """\
title = "Mine"
title_nl = "De mijne"
description = "For a test"

[dark_figure]
ratio_to_registered = { between = [0.02, 50], probability = 0.95 }
reason = "r"

[coverage]
form = "differences"
odds = { log_normal = [-3, 3] }
reason = "r"

[[coverage.lists]]
list = "K"
odds = { log_normal = [-2, 1] }
reason = "r"

[dependence]
form = "learned"
scale = { log_normal = [-0.63, 0.74] }
relative_mean = { centre = 0.7, size = 0.6 }
degrees_of_freedom = 4
reason = "r"

[[dependence.pairs]]
lists = ["P", "K"]
odds_ratio = { between = [0.5, 2], probability = 0.9 }
reason = "r"

[residual]
form = "relative"
centre = 0.0
size = 0.45
reason = "r"

[heterogeneity]
scale = { between = [0.1, 2], probability = 0.95 }
interactions = { between = [0.05, 1], probability = 0.95 }
change = { log_normal = [0, 1] }
reason = "r"

[composition]
main_effects = { between = [0.1, 3], probability = 0.95 }
two_way = { between = [0.05, 1], probability = 0.95 }
stratum = { between = [0.02, 0.3], probability = 0.95 }
reason = "r"

[three_list]
odds_ratio = { log_normal = [0, 0.5] }
reason = "r"
"""

FILES = {
    "study.toml": STUDY,
    "table.csv": TABLE,
    "denominators.csv": DENOMINATORS,
    "published.csv": PUBLISHED,
    "mine.toml": PRIORS,
}

SMALL_STUDY = 'title = "t"\nsource = "s"\n[lists.P]\n[lists.K]\n[lists.Z]\n'
SMALL_TABLE = "P,K,Z,count\n1,0,0,40\n0,1,0,30\n0,0,1,20\n1,1,0,6\n1,0,1,5\n0,1,1,4\n1,1,1,3\n"
SMALL = {"study.toml": SMALL_STUDY, "table.csv": SMALL_TABLE}

NUMBERS = """\
title = "Numbers of a made-up town"
title_nl = "Getallen van een verzonnen stad"
study = "study.toml"
source = "Made up"

[[figures]]
name = "bound"
title = "Bound"
title_nl = "Grens"
study = "study.toml"
method = "lower-bound"
options = { form = "pairs" }
estimate = 20.0
lower = 10.0
upper = 30.0
level = 0.8
source = "Nobody"
source_nl = "Niemand"
where = "Table 1"
software = "none"
verified = false
rounding = 0.5
expect = "differs"
why = "Made up"
why_nl = "Verzonnen"

[figures.noise]
estimate = 1.0
lower = 1.0
upper = 1.0
because = "Made up"
because_nl = "Verzonnen"

[[figures]]
name = "models"
title = "Models"
method = "loglinear"
priors = "wide"
figure = "none"
"""
