"""One command a file; each is a thin shell over a plain function."""
