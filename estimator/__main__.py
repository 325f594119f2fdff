"""``python -m estimator``: the same as the command ``darkfigure``."""

from estimator.cli.main import main

if __name__ == "__main__":
    main()
