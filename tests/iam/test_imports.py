from __future__ import annotations

import subprocess
import sys

RARELY_NEEDED = {"base64", "datetime", "decimal", "fractions", "ipaddress", "urllib.parse"}


def test_what_few_conditions_need_is_not_loaded_with_the_evaluation() -> None:
    program = "import sys, analyzer.iam.evaluate; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not RARELY_NEEDED & set(run.stdout.split())
