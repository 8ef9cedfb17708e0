"""`labeler audit FILE`: the examination of a labeled table or image folder, without server, project or database.

columns → reading → calculation → findings (what is told, as plain values) → page, tables and terminal.
"""
