"""Windows of files around the changes of real commits."""
