"""`make live`: one page on which a pipeline moves, can be broken, and its law is checked."""
