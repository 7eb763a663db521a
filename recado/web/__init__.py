"""What every page shares: the shell around it, its styles, its small scripts, its looks of data.

Templates that start with `_` are fragments; `_macros.html` and `_field.html` draw the small parts and
the forms of all slices. Nothing here knows a page's meaning.
"""
