"""`python -m silkwire` is the command line."""

from silkwire.cli import main

if __name__ == "__main__":
    main()
