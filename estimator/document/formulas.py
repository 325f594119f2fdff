"""The formulas of the log-linear model, once for each kind of format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelFormula:
    """A formula without its words.

    Parameters
    ----------
    name : str
        Of its explanation and of how it is read aloud, in the catalogues.
    text : str
        On one line.
    """

    name: str
    text: str
    mathml: str
    typst: str


def _sub(base: str, *below: str) -> str:
    inner = "<mo>,</mo>".join(f"<mi>{name}</mi>" for name in below)
    return f"<msub><mi>{base}</mi><mrow>{inner}</mrow></msub>"


def _sum(below: str, inner: str) -> str:
    return f"<munder><mo>∑</mo><mrow>{below}</mrow></munder>{inner}"


_LOG = "<mi>log</mi><mo>&#x2061;</mo>"
_PLUS, _IS = "<mo>+</mo>", "<mo>=</mo>"
_PAIR = "<mi>l</mi><mo>&lt;</mo><mi>m</mi>"

FORMULAS = (
    ModelFormula(
        "expected",
        "log λ(s,h) = log n₀(s) + Σₗ hₗ α(l,s) + Σₗ<ₘ hₗ hₘ θ(l,m)",
        _LOG
        + _sub("λ", "s", "h")
        + _IS
        + _LOG
        + _sub("n", "0", "s")
        + _PLUS
        + _sum("<mi>l</mi>", _sub("h", "l") + _sub("α", "l", "s"))
        + _PLUS
        + _sum(_PAIR, _sub("h", "l") + _sub("h", "m") + _sub("θ", "l", "m")),
        "log lambda_(s,h) = log n_(0,s) + sum_l h_l alpha_(l,s) + sum_(l<m) h_l h_m theta_(l,m)",
    ),
    ModelFormula(
        "observed",
        "yⱼ ~ Poisson(Σ λ(s,h)), (s,h) ∈ C(j)",
        _sub("y", "j")
        + "<mo>∼</mo><mtext>Poisson</mtext><mo>(</mo>"
        + _sum("<mo>(</mo><mi>s</mi><mo>,</mo><mi>h</mi><mo>)</mo><mo>∈</mo>" + _sub("C", "j"), _sub("λ", "s", "h"))
        + "<mo>)</mo>",
        'y_j tilde "Poisson"(sum_((s,h) in C_j) lambda_(s,h))',
    ),
    ModelFormula(
        "size",
        "N(g) = Σₛ∈g [ r(s) + Poisson(e^ξ n₀(s)) ]",
        _sub("N", "g")
        + _IS
        + _sum("<mi>s</mi><mo>∈</mo><mi>g</mi>", "<mo>[</mo>" + _sub("r", "s") + _PLUS)
        + "<mtext>Poisson</mtext><mo>(</mo><msup><mi>e</mi><mi>ξ</mi></msup>"
        + _sub("n", "0", "s")
        + "<mo>)</mo><mo>]</mo>",
        'N_g = sum_(s in g) [r_s + "Poisson"(e^xi n_(0,s))]',
    ),
)
"""In the order of the appendix."""
