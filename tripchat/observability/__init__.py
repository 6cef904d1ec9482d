"""What those who run TripChat can see of it: logs, metrics and traces."""
