"""Every key's line must be found, whatever stands around it; every broken file must say where it breaks."""

from __future__ import annotations

import tomllib

import pytest

from estimator.study.tomlfile import dotted, key_lines, read_toml

TRICKY = '''\
# title = "not a key"
title = "one # two" # three
text = """
[not.a.table]
key = "inside text"
ends here \\""" not yet
"""
literal = \'\'\'
also = [
\'\'\'
numbers = [
  1, # [
  "]",
  2,
]
inline = { a = [1, 2], "b" = "}" }
a.b.c = 1
"quoted key" = 2

[lists.P]
label = "x"

[ lists . "K" ]
label = 'it''s'

[[pairs]]
x = 1
[pairs.inner]
y = 1
[[pairs]]
x = 2
[[pairs.deep]]
z = 1
[[pairs.deep]]
z = 2
[last]
end = 1
'''.replace("it''s", "its")


def walk(value, location=()):
    if isinstance(value, dict):
        for key, item in value.items():
            yield (*location, key)
            if location[:1] != ("inline",) and key != "inline":
                yield from walk(item, (*location, key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for index, item in enumerate(value):
            yield (*location, index)
            yield from walk(item, (*location, index))


def test_every_key_has_a_line_and_nothing_else_has():
    assert set(key_lines(TRICKY)) == set(walk(tomllib.loads(TRICKY)))


@pytest.mark.parametrize(
    ("location", "text"),
    [
        (("title",), "title = "),
        (("numbers",), "numbers = ["),
        (("inline",), "inline = "),
        (("a", "b", "c"), "a.b.c"),
        (("quoted key",), '"quoted key"'),
        (("lists", "P"), "[lists.P]"),
        (("lists", "K", "label"), "label = 'its'"),
        (("pairs", 0, "x"), "x = 1"),
        (("pairs", 0, "inner", "y"), "y = 1"),
        (("pairs", 1, "x"), "x = 2"),
        (("pairs", 1, "deep", 1, "z"), "z = 2"),
        (("last", "end"), "end = 1"),
    ],
)
def test_the_line_is_the_right_one(location, text):
    assert text in TRICKY.splitlines()[key_lines(TRICKY)[location] - 1]


def test_what_has_no_line_of_its_own_has_that_of_what_is_around_it(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("\n\na = {b = [1, 2]}\n")
    file = read_toml(path)
    assert file.line_of(("a", "b", 1)) == 3
    assert file.fault(("a", "b", 1), "").where == f"{path}, line 3, key a.b[2]"
    assert file.fault(("absent",), "").where == f"{path}, key absent"
    assert file.fault((), "").where == str(path)


def test_dotted_counts_as_people_do():
    assert dotted(("structural_zeros", 0, "lists")) == "structural_zeros[1].lists"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_bom_and_windows_lines_change_nothing(tmp_path, start, ending):
    path = tmp_path / "x.toml"
    path.write_bytes(start + "a = 1\n[b]\nc = '\u00e9'\n".replace("\n", ending).encode())
    file = read_toml(path)
    assert file.data == {"a": 1, "b": {"c": "\u00e9"}}
    assert file.line_of(("b", "c")) == 3


@pytest.mark.parametrize(
    ("text", "fragments"),
    [
        ("a = 1\ntitle = The Netherlands\n", ["x.toml, line 2, column 9", "not valid TOML", "in: title = …"]),
        ("a = 1\na = 2\n", ["x.toml, line 2", "overwrite", "once only"]),
        ("[a]\n[a]\n", ["x.toml, line 2", "twice"]),
        ("a = [1,\n", ["x.toml, at its end", "[square brackets]"]),
    ],
)
def test_bad_syntax(tmp_path, faults_of, text, fragments):
    path = tmp_path / "x.toml"
    path.write_text(text)
    [fault] = faults_of(read_toml, path)
    assert all(fragment in fault for fragment in fragments), fault


def test_another_encoding(tmp_path, faults_of):
    path = tmp_path / "x.toml"
    path.write_bytes("a = 1\nb = 'Regionale co\u00f6rdinatoren'\n".encode("latin-1"))
    [fault] = faults_of(read_toml, path)
    assert "x.toml, line 2" in fault
    assert "UTF-8" in fault


def test_missing_file(tmp_path, faults_of):
    (tmp_path / "study.toml").write_text("")
    assert "Did you mean 'study.toml'?" in faults_of(read_toml, tmp_path / "stdy.toml")[0]
    assert "does not exist either" in faults_of(read_toml, tmp_path / "no" / "study.toml")[0]


def test_a_folder_is_not_a_file(tmp_path, faults_of):
    assert "This is a folder" in faults_of(read_toml, tmp_path)[0]
