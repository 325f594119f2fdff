"""Which model a study and its priors ask for."""

from __future__ import annotations

from estimator.methods.loglinear.design import Design, design_of
from estimator.study.priors import Priors
from estimator.study.study import Study


def design_for(study: Study, priors: Priors) -> Design:
    """Return the arrays of the model that a study asks for.

    Parameters
    ----------
    priors : Priors
        Two-list terms are left out when the priors take the lists to be independent.
    """
    return design_of(
        study.table,
        three_list=study.model.three_list,
        heterogeneity=study.model.heterogeneity,
        composition=study.model.composition,
        dependence=priors.dependence.form != "none",
        breaks=study.model.breaks,
    )
