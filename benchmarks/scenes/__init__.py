"""The world in which each event of `events/` makes sense, and the events made valid for now.

Nothing here is real: a key is made up for every run, and tokens and signatures are made with it.
"""
