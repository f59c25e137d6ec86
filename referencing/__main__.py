"""`python -m referencing`: the command line."""

from referencing.cli import main

if __name__ == "__main__":
    main()
