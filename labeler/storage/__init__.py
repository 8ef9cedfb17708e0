"""Where things are kept: the database engine, its tables' base, content-addressed files and migrations."""
