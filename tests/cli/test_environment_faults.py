"""Faults of disk and environment, in processes of their own: an answer or one sentence, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from estimator.words.shown import is_harmless

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell"), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]

ESTIMATE = "estimate uk-2013 --method lower-bound"
FAULTS = {
    "home-unset": ((3,), "unset HOME; $D $E --no-out"),
    "home-missing": ((3,), "HOME=/nonexistent $D $E"),
    "home-file": ((3,), "HOME=/etc/passwd $D $E"),
    "home-relative": ((3,), "HOME=x $D $E"),
    "home-empty": ((3,), "HOME= $D $E"),
    "tmp-missing": ((3,), "TMPDIR=/nonexistent $D $E"),
    "tmp-file": ((3,), "TMPDIR=/etc/passwd $D $E"),
    "tmp-plot": ((3,), "TMPDIR=/nonexistent $D $E --plot x.svg"),
    "term-dumb": ((0,), "TERM=dumb $D check uk-2013"),
    "term-unset": ((0,), "env -u TERM $D check uk-2013"),
    "lang-c": ((0,), "LC_ALL=C LANG=C $D check nl --language nl"),
    "lang-bad": ((0,), "LC_ALL=xx_YY.foo $D check nl --language nl"),
    "umask777": ((1, 3), "umask 777; $D $E --out r"),
    "cwd-gone": ((1, 3), "mkdir d; cd d; rmdir ../d; $D $E"),
    "cwd-gone-check": ((0, 1), "mkdir d; cd d; rmdir ../d; $D check uk-2013"),
    "cwd-gone-rel": ((1,), "mkdir d; cd d; rmdir ../d; $D check ./x"),
    "columns1": ((0,), "COLUMNS=1 $D check uk-2013"),
    "columns0": ((0,), "COLUMNS=0 $D check uk-2013"),
    "columnsneg": ((0,), "COLUMNS=-5 $D check uk-2013"),
    "columnsbad": ((0,), "COLUMNS=abc $D check uk-2013"),
    "columnshuge": ((0,), "COLUMNS=99999999 $D check uk-2013"),
    "columns1-help": ((0,), "COLUMNS=1 $D --help"),
    "nocolor": ((0,), "NO_COLOR=1 $D check uk-2013"),
    "forcecolor": ((0,), "FORCE_COLOR=1 CLICOLOR_FORCE=1 $D check uk-2013"),
    "fsize1": ((1,), "ulimit -f 1; $D $E --out r"),
    "fsize0": ((1,), "ulimit -f 0; $D $E --out r"),
    "fsize0-plot": ((1,), "ulimit -f 0; $D $E --no-out --plot x.svg"),
    "fsize0-new": ((1,), "ulimit -f 0; $D new s"),
    "fsize0-copy": ((1,), "ulimit -f 0; $D data copy uk-2013 s"),
    "fsize0-out": ((1,), "ulimit -f 0; $D check uk-2013 > o"),
    "full-out": ((1,), "$D check uk-2013 >/dev/full"),
    "full-err": ((1,), "$D check nope 2>/dev/full"),
    "full-json": ((1,), "$D $E --no-out --json >/dev/full"),
    "mplbackend": ((3,), "MPLBACKEND=module://x $D $E --no-out --plot x.svg"),
    "mplconfig": ((3,), "MPLCONFIGDIR=/proc/nope $D $E --no-out --plot x.svg"),
    "mplconfigfile": ((3,), "MPLCONFIGDIR=/etc/passwd $D $E --no-out --plot x.png"),
    "numba-missing": ((3,), "NUMBA_CACHE_DIR=/proc/nope $D $E --no-out"),
    "xdg": ((3,), "XDG_CACHE_HOME=/etc/passwd XDG_CONFIG_HOME=/etc/passwd $D $E --no-out --plot x.pdf"),
    "out-in-file": ((1,), "touch f; $D $E --out f/r"),
    "out-exists": ((1,), "mkdir r; $D $E --out r"),
    "out-link": ((1,), "ln -s nowhere r; $D $E --out r"),
    "out-long": ((1,), "$D $E --out $(printf 'x%.0s' {1..300})"),
    "out-5000": ((1,), "$D $E --out $(printf 'x/%.0s' {1..2500})"),
    "out-proc": ((1,), "$D $E --out /proc/r"),
    "out-dev": ((1,), "$D $E --out /dev/null/r"),
    "out-slash": ((1,), "$D $E --out /"),
    "out-dot": ((1,), "$D $E --out ."),
    "out-empty": ((1, 2), "$D $E --out ''"),
    "out-newline": ((3,), "$D $E --out $'a\\nError: b'"),
    "plot-long": ((1,), "$D $E --no-out --plot $(printf 'x%.0s' {1..300}).svg"),
    "plot-empty": ((1, 2), "$D $E --no-out --plot ''"),
    "tz": ((3,), "TZ=Nonsense/Zone $D $E"),
}
"""Exit codes that are right, and a line of shell; $D is the command, $E an estimate that takes seconds (code 3)."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_environment(tmp_path, fault):
    codes, line = FAULTS[fault]
    given = {"D": f"{sys.executable} -m estimator", "E": ESTIMATE, "PYTHONPATH": str(ROOT)}
    command, settings = ["bash", "-c", line], {**os.environ, **given}
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, check=False, timeout=120)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode in codes, said
    for inside in ("Traceback", "itself failed", "Exception ignored"):
        assert inside not in said
    assert not any(ord(letter) < 32 and letter not in "\n\t" for letter in said)
    assert [letter for letter in said if not is_harmless(letter) and letter not in "\n\t"] == []
    assert list(tmp_path.rglob("*.part")) == []
