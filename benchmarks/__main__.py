"""``python -m benchmarks``, and the command that the package installs."""

import os
import sys


def main() -> None:
    """Run the command line; a ^C while its libraries are still being imported ends it in one line, too."""
    try:
        from benchmarks.commandline.app import main as run

        run()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.stderr.flush()
        os._exit(130)  # nothing is open yet, and a second ^C could fall into the end of the interpreter


if __name__ == "__main__":
    main()
