"""Photos made anew, in a process of their own: what hides in the bytes that came is left out."""
