"""Several workers as one site: what one of them does, the others hear through Redis."""
