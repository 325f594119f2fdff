"""A small study with a year, for the tests of this folder."""

TABLE = """\
sex,year,P,K,Z,count
female,2014,1,0,0,40
female,2014,0,1,0,20
female,2014,1,1,0,6
female,2014,0,1,1,2
male,2014,1,0,0,10
male,2014,0,0,1,7
female,2015,1,0,0,30
female,2015,0,1,0,25
male,2015,1,0,1,3
"""

STUDY = """\
title = "A study"
source = "made for a test"

[lists.P]
label = "Police"
label_nl = "Politie"

[lists.K]
[lists.Z]
label = "Shelters"

[covariates.sex]
levels = ["female", "male"]
labels = { female = "Women and girls" }
labels_nl = { female = "Vrouwen en meisjes" }

[covariates.year]
levels = [2014, 2015]
ordered = true
"""

PERIOD = '\n[period]\ncovariate = "year"\n'
"""To be added to the study file."""
