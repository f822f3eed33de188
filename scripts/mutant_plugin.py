"""For pytest (`-p scripts.mutant_plugin`): runs tests without the question named in PORTAL_WITHOUT."""

from __future__ import annotations

import os

from scripts import mutant_sites

mutant_sites.install()
mutant_sites.switch_off([os.environ["PORTAL_WITHOUT"]])
