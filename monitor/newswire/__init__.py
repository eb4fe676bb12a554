"""The demo's loopback publisher and the fictional news that it plays.

Only this package is not production code: the daemon meets it over HTTP, as it meets any feed.
"""
