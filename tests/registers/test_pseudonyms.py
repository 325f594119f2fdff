"""Pseudonyms: the hash as it is defined, forms of names and dates, and nothing of a person in what is said or left."""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import stat
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.cli.main import run
from estimator.errors import InputError
from estimator.registers.keyfile import key_check, new_key, read_key
from estimator.registers.normalising import INFIXES, date, folded, name, number, plain_text, wrong_format
from estimator.registers.pseudonymising import pseudonymise
from estimator.registers.pseudonymsfile import read_pseudonyms_file

SETTINGS = """keep = ["registered", "sex"]
[pseudonyms.person]
columns = ["surname", "born"]
[pseudonyms.number]
columns = ["bsn"]
[columns.surname]
kind = "name"
infixes = "drop"
[columns.born]
kind = "date"
formats = ["dd-mm-yyyy", "yyyy-mm-dd"]
unknown = ["00-00-0000"]
[columns.bsn]
kind = "number"
digits = 9
"""
REGISTER = """surname;born;bsn;sex;registered;remark
"Berg, van der";03-01-1990;12345678;f;2015-03-01;secret remark
van der BÉRG;1990-01-03;012345678;f;2015-04-01;x
Yılmaz;31-02-1990;;m;2015-05-01;x
Jansen;00-00-0000;987.654.321;m;2015-06-01;x
"""
KEY = bytes(range(32))
FAMILY = ("Berg", "BÉRG", "Yılmaz", "Yilmaz", "Jansen", "12345678", "1990", "987", "secret")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "register.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "key").write_text(KEY.hex())
    (tmp_path / "key").chmod(0o600)
    return tmp_path


def command(files, *more):
    options = ("--settings", files / "settings.toml", "--key", files / "key", "--out", files / "out.csv")
    return run(["pseudonymise", str(files / "register.csv"), *map(str, options), *more])


def of(*forms):
    """Return the pseudonym as Python's own library makes it of forms that were written by hand."""
    return hmac.new(KEY, "\x1f".join(forms).encode(), hashlib.sha256).hexdigest()


def test_pseudonyms_are_the_hmac_of_forms_written_by_hand(files, capsys):
    assert command(files) == 0
    with (files / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows == [
        ["person", "number", "registered", "sex"],
        [of("berg", "1990-01-03"), of("012345678"), "2015-03-01", "f"],
        [of("berg", "1990-01-03"), of("012345678"), "2015-04-01", "f"],
        ["", "", "2015-05-01", "m"],
        ["", of("987654321"), "2015-06-01", "m"],
    ]
    assert stat.S_IMODE((files / "out.csv").stat().st_mode) == 0o600
    said = "".join(capsys.readouterr())
    assert "person: 2 rows have a pseudonym; 2 have none" in said
    assert "row 4" in said  # the 31st of February
    assert key_check(KEY) in said


def test_a_vector_of_rfc_4231():
    """Test case 2 of RFC 4231, whose key and text are short: what `pseudonym` is made of is HMAC-SHA-256."""
    from estimator.registers.pseudonymising import pseudonym

    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert pseudonym(b"Jefe", ["what do ya want for nothing?"]) == expected


@pytest.mark.parametrize("language", ["en", "nl"])
def test_nothing_of_a_person_and_nothing_of_the_key_is_said(files, capsys, language):
    command(files, "--language", language)
    command(files, "--language", language)  # the second time the file is there
    (files / "register.csv").write_text(REGISTER + "Jansen;1;2\n")
    (files / "out.csv").unlink()
    assert command(files, "--language", language) == 1
    assert not (files / "out.csv").exists()
    said = "".join(capsys.readouterr())
    assert "row 6" in said
    for text in (*FAMILY, KEY.hex(), KEY.hex()[:8]):
        assert text not in said
    assert sorted(path.name for path in files.iterdir()) == ["key", "register.csv", "settings.toml"]


def test_what_is_not_kept_is_not_in_the_copy(files):
    command(files)
    content = (files / "out.csv").read_text()
    assert not [text for text in FAMILY if text in content.replace(of("berg", "1990-01-03"), "")]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no such rights here")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_that_others_can_read_is_refused(files, mode):
    (files / "key").chmod(mode)
    with pytest.raises(InputError, match="Others than you can read this key.*chmod 600"):
        read_key(files / "key")


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "00" * 31, "0" * 63, "\x00" * 64, "é" * 64])
def test_what_is_no_key_is_refused_and_not_shown(files, content):
    (files / "key").write_text(content)
    with pytest.raises(InputError, match="This is no key") as caught:
        read_key(files / "key")
    assert not content or content not in str(caught.value).replace(str(files), "")


def test_a_new_key_is_private_and_never_written_over(tmp_path, capsys):
    path = tmp_path / "office.key"
    assert run(["pseudonymise", "--new-key", str(path)]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = read_key(path)
    assert len(key) == 32
    said = "".join(capsys.readouterr())
    assert key.hex() not in said
    assert key_check(key) in said
    assert run(["pseudonymise", "--new-key", str(path)]) == 1
    assert read_key(path) == key
    assert new_key(tmp_path / "another") != key


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_register_in_any_encoding_gives_the_same_pseudonyms(files, encoding, end):
    text = REGISTER.replace("ı", "i").replace("\n", end)
    (files / "register.csv").write_bytes(text.encode(encoding))
    command(files)
    assert (files / "out.csv").read_text(encoding="utf-8").splitlines()[1].startswith(of("berg", "1990-01-03"))


def test_rows_are_written_as_they_are_read(files):
    """A register is never in memory: a hundred thousand rows take no more than a thousand do."""
    import tracemalloc

    settings = read_pseudonyms_file(files / "settings.toml")
    peaks = []
    for rows in (1_000, 100_000):
        header, first = REGISTER.splitlines()[:2]
        (files / f"r{rows}.csv").write_text("\n".join([header, *[first] * rows]) + "\n")
        tracemalloc.start()
        done = pseudonymise(files / f"r{rows}.csv", settings, KEY, files / f"out{rows}.csv")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done.rows == rows
    assert peaks[1] < peaks[0] + 8_000_000


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "name"', 'kind = "nam"'), "name"),
        (('kind = "name"', 'kind = "text"'), "'infixes' is for a column of the kind name"),
        (('formats = ["dd-mm-yyyy", "yyyy-mm-dd"]\n', ""), "how dates are written"),
        (('"dd-mm-yyyy"', '"dd-mm-yy"'), "no format of dates"),
        (('"dd-mm-yyyy"', '"%d-%m-%Y"'), "no format of dates"),
        (('["bsn"]', '["bsm"]'), "not said what 'bsm' holds"),
        (('keep = ["registered", "sex"]', 'keep = ["person"]'), "another name"),
        (('keep = ["registered", "sex"]', 'keep = ["sex", "sex"]'), "twice"),
        (("digits = 9", "digits = 0"), "from 1 to 100"),
        (('[pseudonyms.number]\ncolumns = ["bsn"]\n', ""), "No pseudonym is made of this column"),
        (("digits = 9", "digits = 9\nsalt = 3"), "salt"),
    ],
)
def test_settings_that_are_wrong_are_said_with_their_line(files, change, says):
    assert change[0] in SETTINGS
    (files / "settings.toml").write_text(SETTINGS.replace(*change))
    with pytest.raises(InputError) as caught:
        read_pseudonyms_file(files / "settings.toml")
    assert "settings.toml, line" in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "empty"),
        ("Jansen;secret\n", "no column of the name 'surname'"),
        (REGISTER.replace("surname;born", "born;born"), "2 columns of the name 'born'"),
        (REGISTER + 'x;"unclosed', "row 6"),
        (REGISTER.encode() + b"\xff\xfe\xfd;1;2;3;4;5\n", "mixes encodings"),
        (b"PK\x03\x04" + bytes(100), "zero bytes"),
        ("a" * 3_000_000, "longer than a million"),
    ],
)
def test_registers_that_are_wrong_are_said_with_their_row(files, content, says, capsys):
    raw = content if isinstance(content, bytes) else content.encode()
    (files / "register.csv").write_bytes(raw)
    assert command(files) == 1
    said = "".join(capsys.readouterr())
    assert says in said
    assert not (files / "out.csv").exists()
    assert not [text for text in FAMILY if text in said]


NAMES = [
    ("van der Berg", "berg"),
    ("Berg, van der", "berg"),
    ("BERG (v/d)", "berg"),
    ("v.d. Berg", "berg"),
    ("'t Hart", "hart"),
    ("d'Ancona", "ancona"),
    ("Müller-Lüdenscheidt", "mullerludenscheidt"),
    ("Jansen-de Vries", "jansendevries"),
    ("Ĳsbrand", "ijsbrand"),
    ("Søren", "soren"),
    ("Straße", "strasse"),
    ("Wałęsa", "walesa"),
    ("Van", "van"),
    ("  O'Brien ", "obrien"),
    ("Nguyễn", "nguyen"),
    ("Ørsted III", "orstediii"),
    ("محمد", "محمد"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "form"), NAMES)
def test_forms_of_names(written, form):
    assert name(written, infixes=INFIXES) == form


def test_infixes_and_ij_are_as_declared():
    assert name("van der Berg") == "vanderberg"
    assert name("van Dijk", infixes=INFIXES, ij_as_y=True) == name("Dyk", ij_as_y=True) == "dyk"
    assert name("van Dijk", infixes=INFIXES) != name("Dyk")


@given(st.text(), st.booleans(), st.booleans())
def test_a_name_has_one_form_however_it_is_written(text, drop, ij):
    options = {"infixes": INFIXES if drop else frozenset(), "ij_as_y": ij}
    form = name(text, **options)
    assert name(unicodedata.normalize("NFD", text), **options) == name(unicodedata.normalize("NFC", text), **options)
    assert name(f"  {text}. ", **options) == form
    assert not set(form) & set(" \t\n\x1f-'.,_")


@given(st.text(alphabet=st.characters(codec="latin-1")), st.booleans())
def test_capitals_and_accents_change_nothing(text, drop):
    infixes = INFIXES if drop else frozenset()
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    assert name(bare, infixes=infixes) == name(text, infixes=infixes)
    assert name(text.upper(), infixes=infixes) == name(text.upper().lower(), infixes=infixes)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)
    assert plain_text(plain_text(text)) == plain_text(text)


@given(st.dates(min_value=__import__("datetime").date(1880, 1, 1), max_value=__import__("datetime").date(2100, 12, 31)))
def test_a_date_has_one_form_in_every_format(day):
    formats = ["dd-mm-yyyy", "d/m/yyyy", "yyyymmdd", "yyyy-mm-dd"]
    written = [f"{day:%d-%m-%Y}", f"{day.day}/{day.month}/{day.year}", f"{day:%Y%m%d}", f"{day.isoformat()} 00:00:00"]
    assert {date(text, formats=formats) for text in written} == {day.isoformat()}


def test_dates_that_are_none_or_two_are_unreadable():
    assert date("31-02-1990", formats=["dd-mm-yyyy"]) is None
    assert date("03-04-1990", formats=["dd-mm-yyyy", "mm-dd-yyyy"]) is None  # of two meanings
    assert date("04-04-1990", formats=["dd-mm-yyyy", "mm-dd-yyyy"]) == "1990-04-04"
    assert date("13-04-1990", formats=["dd-mm-yyyy", "mm-dd-yyyy"]) == "1990-04-13"
    assert date("3-4-90", formats=["d-m-yyyy"]) is None
    assert date("01-01-1066", formats=["dd-mm-yyyy"]) is None
    assert date("٠٣-٠١-١٩٩٠", formats=["dd-mm-yyyy"]) is None
    assert date(" ", formats=["dd-mm-yyyy"]) == ""
    assert wrong_format("dd-mm-yyyy") is None
    assert "letters" in wrong_format("dd-mm-yyyyT")


@given(st.integers(0, 10**9 - 1))
def test_a_number_gets_its_zeros_back(value):
    assert number(str(value), digits=9) == f"{value:09d}" == number(f" {value:09d} ", digits=9)


def test_numbers_that_are_none():
    assert number("12a4") is None
    assert number("1234567890", digits=9) is None
    assert number("") == ""
    assert number("1234.56.789") == "123456789"
