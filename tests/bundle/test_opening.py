"""What somebody might send in place of a bundle: nothing is written outside, nothing fills the disk, all is said."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estimator.bundle import opening
from estimator.bundle.names import is_safe
from estimator.bundle.opening import opened, refuse_leading_outside
from estimator.errors import InputError

HOSTILE_NAMES = [
    "../outside.txt",
    "run/../../outside.txt",
    "/etc/outside.txt",
    "C:/outside.txt",
    "C:outside.txt",
    "run\\..\\outside.txt",
    "//server/share/outside.txt",
    "run//outside.txt",
    "./outside.txt",
    "run/./outside.txt",
    "run/nul.txt",
    "CON",
    "run/ends-in-a-dot.",
    "run/ends-in-a-space ",
    "run/manifest.json:stream",
    "run/bell\a.txt",
    "run/right-to-left\u202etxt.exe",
    "run/e\u0301.txt",
    "/".join(["deep"] * 50),
    "x" * 300,
    "",
]


def zip_of(*entries: tuple[str | zipfile.ZipInfo, bytes], **how) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w", **how) as packed:
        warnings.simplefilter("ignore")  # names that stand twice
        for name, content in entries:
            packed.writestr(name, content)
    return target.getvalue()


def refused(tmp_path, content: bytes) -> str:
    """What is said of a zip that must be refused; and nothing of it may be left anywhere."""
    path = tmp_path / "sent" / "bundle.zip"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    before = {place for place in tmp_path.rglob("*")}
    with pytest.raises(InputError) as error, opened(path):
        pytest.fail("it was opened")
    assert {place for place in tmp_path.rglob("*")} == before
    (fault,) = error.value.faults
    assert fault.file == str(path)
    assert "\n" not in fault.message and fault.message.endswith(".")
    return fault.message


@pytest.fixture(autouse=True)
def _temporary(tmp_path, monkeypatch):
    """Whatever is unpacked is unpacked below the folder of the test, so that what leaves it is seen."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    entry = zipfile.ZipInfo("x")
    entry.filename = name  # as an attacker writes it; the library would tidy some of them
    assert "outside its folder" in refused(tmp_path, zip_of((entry, b"evil")))


def test_a_name_cut_by_a_zero_is_refused(tmp_path):
    content = zip_of(("run/manifest.json\x00.txt".replace("\x00", "%"), b"evil")).replace(b"%.txt", b"\x00.txt")
    assert "outside its folder" in refused(tmp_path, content)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(tmp_path, kind):
    entry = zipfile.ZipInfo("run/link")
    entry.create_system, entry.external_attr = 3, (kind | 0o777) << 16
    assert "link or a device" in refused(tmp_path, zip_of((entry, b"/etc/passwd")))


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_files_are_refused(tmp_path, flag):
    content = bytearray(zip_of(("run/manifest.json", b"secret")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", content, content.index(mark) + place, flag)
    assert "encrypted" in refused(tmp_path, bytes(content))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_compressing_are_refused(tmp_path, method):
    assert "compressed" in refused(tmp_path, zip_of(("a", b"x" * 100), compression=method))


@pytest.mark.parametrize(
    "names",
    [("run/a", "run/a"), ("run/a", "run/A"), ("run/ß", "run/SS"), ("run", "run/a"), ("run/a", "RUN"), ("a/", "A")],
)
def test_names_that_clash_are_refused(tmp_path, names):
    said = refused(tmp_path, zip_of(*((name, b"") for name in names)))
    assert "twice" in said or "a file and a folder" in said


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    content = zip_of(("run/zeros", bytes(32 << 20)), compression=zipfile.ZIP_DEFLATED)
    assert len(content) < 64 << 10
    assert "times its own size" in refused(tmp_path, content)


def test_a_bomb_of_parts_that_share_their_content_is_refused(tmp_path):
    """Fifield (2019): every entry of the list leads to the same bytes."""
    content = zip_of(("a", b"x" * 1000), ("b", b"x" * 1000))
    first, second = content.index(b"PK\x01\x02"), content.rindex(b"PK\x01\x02")
    shared = bytearray(content)
    shared[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert "shares its content" in refused(tmp_path, bytes(shared))


def test_files_too_large_together_are_refused(tmp_path):
    doubled = zip_of(("a", b"x"), ("b", b"x"))
    double = bytearray(doubled)
    for place in (doubled.index(b"PK\x01\x02"), doubled.rindex(b"PK\x01\x02")):
        struct.pack_into("<LL", double, place + 20, 0xF0000000, 0xF0000000)
    assert "more than 4 GB" in refused(tmp_path, bytes(double))


def test_a_file_never_gets_more_bytes_than_were_announced(tmp_path):
    """A list of contents that says 5 bytes of a stream that holds a million: its checksum tells."""
    content = bytearray(zip_of(("a", b"x" * 1_000_000), compression=zipfile.ZIP_DEFLATED))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", content, content.index(mark) + place, 5)
    assert "damaged" in refused(tmp_path, bytes(content))


def test_too_many_files_are_refused(tmp_path):
    content = zip_of(*((f"run/{number}", b"") for number in range(opening.MOST_FILES + 1)))
    assert "more than 1000 files" in refused(tmp_path, content)


def test_a_list_of_contents_that_lies_about_its_length_is_refused(tmp_path):
    content = bytearray(zip_of(*((f"run/{number}", b"") for number in range(opening.MOST_FILES + 1))))
    struct.pack_into("<HH", content, len(content) - 14, 3, 3)
    assert "more than 1000 files" in refused(tmp_path, bytes(content))


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    assert "folder with something" in refused(tmp_path, zip_of(("run/", b"evil")))


GOOD = zip_of(("run/manifest.json", b"{}"), ("README.html", b"<p>"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"not a zip, but longer than the end of one",
        b"MZ" + GOOD,
        GOOD + b"\n",
        zip_of(("x", b"x"))[:-22] + b"PK\x05\x06" + bytes(16) + b"\x01\x00" + b"c",
        b"%PDF" + GOOD,
    ],
)
def test_what_is_no_zip_or_something_else_as_well_is_refused(tmp_path, content):
    assert "not a zip" in refused(tmp_path, content)


def test_a_damaged_file_is_said_to_be(tmp_path):
    broken = bytearray(zip_of(("a", b"hello"), compression=zipfile.ZIP_STORED))
    broken[broken.index(b"hello")] ^= 1
    assert "damaged" in refused(tmp_path, bytes(broken))


def test_another_name_in_front_of_a_file_than_in_the_list_is_refused(tmp_path):
    content = zip_of(("run/aa", b"x"))
    assert "damaged" in refused(tmp_path, content.replace(b"run/aa", b"run/bb", 1))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_no_altered_byte_and_no_cut_makes_anything_but_a_plain_refusal(tmp_path_factory, place, value, cut):
    folder = tmp_path_factory.mktemp("fuzz")
    altered = bytearray(GOOD)
    altered[place] = value
    for content in (bytes(altered), GOOD[:cut]):
        (folder / "b.zip").write_bytes(content)
        try:
            with opened(folder / "b.zip") as inside:
                files = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
                assert len(files) <= 2 and all(is_safe(name) for name in files)
        except InputError as error:
            assert len(error.faults) == 1
    assert [path.name for path in folder.iterdir()] == ["b.zip"]


def test_a_good_one_is_opened_for_its_reader_alone(tmp_path):
    path = tmp_path / "good.zip"
    path.write_bytes(GOOD)
    with opened(path) as inside:
        assert (inside / "run" / "manifest.json").read_bytes() == b"{}"
        assert stat.S_IMODE((inside / "run" / "manifest.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(inside.stat().st_mode) == stat.S_IMODE((inside / "run").stat().st_mode) == 0o700
    assert not inside.exists()


def test_faults_inside_name_the_bundle_and_not_where_it_was_unpacked(tmp_path):
    from estimator.errors import Fault

    path = tmp_path / "good.zip"
    path.write_bytes(GOOD)
    with pytest.raises(InputError) as error, opened(path) as inside:
        raise InputError(Fault(str(inside / "run" / "manifest.json"), "It is wrong."))
    assert str(error.value) == f"{path}, run/manifest.json: It is wrong."


@pytest.mark.parametrize(
    "line",
    [
        'table = "/dev/zero"',
        'table = "../../../secret.csv"',
        '[published]\nfile = "/etc/passwd"',
        '[model]\npriors = "/dev/zero"',
        '[model]\nbeside = ["wide", "../../../../secret.toml"]',
    ],
)
def test_a_study_in_a_bundle_reads_nothing_outside_it(tmp_path, line):
    study = tmp_path / "bundle" / "study" / "x" / "study.toml"
    study.parent.mkdir(parents=True)
    study.write_text(line)
    with pytest.raises(InputError, match="not in the bundle, and is not read"):
        refuse_leading_outside(study, tmp_path / "bundle")
    study.write_text('table = "../table.csv"\n[model]\npriors = "moderate"\n')
    refuse_leading_outside(study, tmp_path / "bundle")


def test_the_checksum_is_that_of_zip():
    assert zlib.crc32(b"hello") == zipfile.ZipFile(io.BytesIO(zip_of(("a", b"hello")))).infolist()[0].CRC
