"""Write the measurements of docs/peers.md anew: ours beside the programs of others.

    python -m docs.make_peers

Takes some minutes.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers import peer_lines

PAGE = Path(__file__).parent / "peers.md"
FENCE = "```text\n"


def main() -> None:
    """Measure, and write what is found in place of what was measured before."""
    before = PAGE.read_text("utf-8").split(FENCE)[0]
    PAGE.write_text("\n".join([before + FENCE.rstrip(), *peer_lines(), "```", ""]), "utf-8")


if __name__ == "__main__":
    main()
