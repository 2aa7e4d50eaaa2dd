"""Words in, tables out: one file per command, and one error boundary around them all.

Commands import what they need when they run, so that ``badc --help`` stays quick.
"""
