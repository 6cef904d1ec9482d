"""What was measured on one machine, and the traffic that is assumed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """CPU in seconds, sizes in bytes; from `python -m bench.cluster` (docs/performance.md)."""

    open_worker: float = 4.8e-3  # a tab that comes, or comes back
    open_postgres: float = 0.5e-3
    send_worker: float = 1.9e-3  # a message, without its deliveries
    send_postgres: float = 0.55e-3
    delivery: float = 12e-6  # a frame to one tab
    mark_worker: float = 1.3e-3  # a read marker
    mark_postgres: float = 0.31e-3
    sign_worker: float = 0.13e-3  # a sign of typing
    idle_tab: float = 28e-6  # each second
    heard: float = 32e-6  # a change of a trip that nobody has open there
    publish: float = 7.9e-6  # Redis, for each PUBLISH
    passed_on: float = 0.68e-6  # Redis, for each subscriber
    tab_memory: float = 70e3
    worker_memory: float = 145e6
    frame: float = 520  # of a message, to one tab
    small_frame: float = 200  # of markers, typing, presence
    connections: int = 12  # to PostgreSQL, of each worker


@dataclass(frozen=True)
class Traffic:
    """What people do, by the hour and open tab."""

    tabs_of_a_trip: int = 20
    messages: float = 12  # a message every five minutes from everybody
    reactions: float = 6
    signs: float = 5  # of typing, for each message
    opens: float = 4  # reloads, other trips, lost connections

    @property
    def each_second(self) -> float:
        """Messages of one tab."""
        return self.messages / 3600

    @property
    def marks(self) -> float:
        """Read markers for each message: everybody else reads it, the author's goes with it."""
        return self.tabs_of_a_trip - 1

    @property
    def frames(self) -> float:
        """Broadcasts to a trip for each message: itself, reactions, typing, markers each second."""
        return 1 + self.reactions / self.messages + 2 + 3

    @property
    def changes(self) -> float:
        """Changes told to other workers for each message, with those of comings and goings."""
        told = 2 + self.reactions / self.messages + self.marks + 2
        return told + 2 * self.opens / self.messages
