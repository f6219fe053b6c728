"""A store with a model that serves, for all attacks: training takes longer than they do."""

import os
import shutil
import unittest

from server_under_attack import ServerUnderAttack


class Store(unittest.TestCase):
    def test_trains(self):
        store = os.environ.pop("ROICAST_HOSTILE_STORE")
        with ServerUnderAttack() as server:
            server.predict_once()
            server.stop()
            shutil.rmtree(store, ignore_errors=True)
            shutil.copytree(server.folder / "store", store)


if __name__ == "__main__":
    unittest.main()
