"""Entry of ``python -m utils.cli``, the same as ``trailcast``."""

import sys

from utils.cli.main import main

sys.exit(main())
