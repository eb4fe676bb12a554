"""`python -m monitor`: the same as `downdraft`."""

from monitor.cli import main

main()
