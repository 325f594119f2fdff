import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.capture.counts import NOT_OBSERVED, Count, CountError, Rounding, parse_count, suppressed_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", Count(12, 12)),
        (" 12 ", Count(12, 12)),
        ("0", Count(0, 0)),
        ("007", Count(7, 7)),
        ("12.0", Count(12, 12)),
        ("12,0", Count(12, 12)),
        ("12,00", Count(12, 12)),
        ("<5", Count(0, 4)),
        ("< 5", Count(0, 4)),
        ("<1", Count(0, 0)),
        ("<=12", Count(0, 12)),
        ("\u226412", Count(0, 12)),
        (">3", Count(4, None)),
        (">=3", Count(3, None)),
        ("\u22653", Count(3, None)),
        ("1-4", Count(1, 4)),
        ("1 - 4", Count(1, 4)),
        ("1\u20134", Count(1, 4)),
        ("5-5", Count(5, 5)),
        ("0-0", Count(0, 0)),
        ("..", Count(0, None)),
        ("", NOT_OBSERVED),
        ("   ", NOT_OBSERVED),
    ],
)
def test_forms(text, expected):
    assert parse_count(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12.5", "'12.5' is not a whole number"),
        ("12,5", "'12,5' is not a whole number"),
        ("-3", "'-3' is negative"),
        ("\u22123", "is negative"),
        ("-3.5", "is negative"),
        ("1.234", "thousands separator (1234)"),
        ("1,000", "thousands separator (1000)"),
        ("1.000", "Write 1000 if that is the number"),
        ("1 234", "thousands separator (1234)"),
        ("1.234.567", "thousands separator (1234567)"),
        ("4-1", "'4-1' is an impossible interval"),
        ("<0", "impossible interval"),
        ("1-4-9", "'1-4-9'"),
        ("<", "'<' is not a count"),
        ("<x", "'<x' is not a count"),
        ("twelve", "'twelve' is not a count"),
        ("NA", "leave the cell blank when it was not observed"),
        ("1e3", "not a count"),
        ("04-Jan", "looks like a date"),
        ("2014-01-04", "looks like a date"),
        ("jan-04", "looks like a date"),
        ("99999999999", "more persons than there are on earth"),
        ("9" * 5000, "more persons than there are on earth"),
        ("<99999999999", "more persons than there are on earth"),
    ],
)
def test_what_is_no_count_says_why(text, words):
    with pytest.raises(CountError) as raised:
        parse_count(text)
    assert words in str(raised.value)


@pytest.mark.parametrize("text", ["twelve", "12.5", "-3"])
def test_refusals_say_what_is_allowed(text):
    with pytest.raises(CountError, match=r"<5, <=12, >3, >=3 or 1-4"):
        parse_count(text)


@pytest.mark.parametrize(
    ("below", "zero", "expected"),
    [(5, False, Count(1, 4)), (5, True, Count(0, 4)), (None, False, Count(0, None)), (2, False, Count(1, 1))],
)
def test_suppression_rule(below, zero, expected):
    assert parse_count("..", suppressed_count(below, zero)) == expected


@given(st.integers(0, 10**9))
def test_a_number_between_itself_is_exact(number):
    assert parse_count(f"{number}-{number}") == parse_count(str(number)) == Count(number, number)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_bounds_hold_what_they_say(number, other):
    """Each form against its meaning, checked at another number."""
    assert (other < number) == _holds(parse_count(f"<{number}"), other)
    assert (other <= number) == _holds(parse_count(f"<={number}"), other)
    assert (other > number) == _holds(parse_count(f">{number}"), other)
    assert (other >= number) == _holds(parse_count(f">={number}"), other)


def _holds(count: Count, number: int) -> bool:
    return count.lower <= number and (count.upper is None or number <= count.upper)


@given(st.text(max_size=12))
def test_every_text_is_a_count_or_a_plain_refusal(text):
    try:
        count = parse_count(text)
    except CountError as error:
        assert str(error).endswith(".")
    else:
        assert count.upper is None or 0 <= count.lower <= count.upper


@pytest.mark.parametrize("base", [2, 3, 5, 10])
@pytest.mark.parametrize("zeros", ["rounded", "exact"])
@pytest.mark.parametrize("rule", ["nearest", "up", "down", "random"])
def test_a_rounded_count_is_every_number_that_is_published_so(rule, zeros, base):
    """Against rounding itself: what each true number may be published as."""

    def published(true):
        below, above = true // base * base, -(-true // base) * base
        if true % base == 0:
            shown = {true}
        elif rule == "nearest":
            shown = {number for number in (below, above) if abs(number - true) * 2 <= base}
        else:
            shown = {"up": {above}, "down": {below}, "random": {below, above}}[rule]
        if zeros == "exact" and true:
            shown = {number or base for number in shown}
        return shown

    for number in range(0, 6 * base, base):
        possible = [true for true in range(10 * base) if number in published(true)]
        found = Rounding(base, rule, zeros).of(number)
        assert (found.lower, found.upper) == (min(possible), max(possible))


def test_a_rounded_count_is_none_that_was_suppressed():
    below_5 = suppressed_count(5, includes_zero=False)
    found = {number: Rounding(5).of(number, below_5) for number in (0, 5, 10)}
    assert found == {0: Count(0, 0), 5: Count(5, 7), 10: Count(8, 12)}
    assert Rounding(20).of(0, below_5) == Count(0, 10)
    assert parse_count("..", below_5, Rounding(5)) == Count(1, 4)
    assert parse_count("12-12", below_5, Rounding(5)) == Count(12, 12)


def test_a_rounded_count_of_which_all_were_suppressed_is_refused():
    """A 5 stands for 3 to 7: where counts to 6 were suppressed 7 is left, where counts to 7 were nothing is."""
    assert Rounding(5).of(5, suppressed_count(7, includes_zero=False)) == Count(7, 7)
    with pytest.raises(CountError, match="stands for 3 to 7, and counts up to 7 were suppressed"):
        parse_count("5", suppressed_count(8, includes_zero=False), Rounding(5))


def test_a_number_that_was_not_rounded_is_refused():
    with pytest.raises(CountError, match="'12' is no multiple of 5.*write 12-12 if it is exact"):
        parse_count("12", rounding=Rounding(5))
