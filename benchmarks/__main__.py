"""`python -m benchmarks`, from the repository's root."""

import sys

from benchmarks.run import main

if __name__ == "__main__":
    sys.exit(main())
