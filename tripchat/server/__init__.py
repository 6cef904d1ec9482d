"""Running TripChat: the page's build, the files it is served from, the ASGI server."""
