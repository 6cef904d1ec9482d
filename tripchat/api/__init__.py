"""HTTP, for other programs: a route reads the request, calls a service and answers JSON."""
