"""What a web link leads to, looked up by the server: a title and a few words of the page.

Whoever writes a message decides where the server calls, so every module here is a guard:

    web_address   what may be asked for at all
    network       which machines may be called, by their address, which is looked up once
    page          how much is read, for how long, of which type
    summary       what is taken from it: text, cleaned and short
"""
