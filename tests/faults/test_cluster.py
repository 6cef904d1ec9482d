"""Two workers that lose each other, their Redis and their database: a few of each, among few."""

from tests.faults import cluster
from tests.faults.report import Report
from tests.kit.backing import a_folder

SEED = 1
ONCE = dict.fromkeys(cluster.FAULTS, 1)


async def test_after_faults_of_every_kind() -> None:
    report = Report()
    few = {"tabs": 40, "trips": 2, "messages_per_second": 20.0, "seconds": 45.0}
    with a_folder() as folder:
        await cluster.run(report, folder, seed=SEED, often=ONCE, **few)
    assert report.failures == []
