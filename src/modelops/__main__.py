"""`python -m modelops` and the `modelops` console script."""

import os
import sys

# OpenMP threads that wait by spinning make training ten times slower on a busy machine. Read when libgomp loads.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def main() -> None:
    """Run the command line and leave with its exit code."""
    from modelops.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
