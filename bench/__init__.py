"""TripChat's bench: the load client, the servers it is compared with, and the table it prints."""
