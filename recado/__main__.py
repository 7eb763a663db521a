"""`recado` and `python -m recado`."""

import gc
import sys

gc.disable()  # what is imported stays: looking through it again and again is a tenth of a start

from recado.cli import run  # noqa: E402

gc.freeze()
gc.enable()


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
