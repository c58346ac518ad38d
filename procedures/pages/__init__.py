"""What readers get: public views, their addresses and context, error pages, twins for machines, previews.

Everything is built from a document (`models` says which are live) and rendered by `rendering`.
Never here: publishing, editing, anything that sets a cookie, asks who is reading or needs a script.
Other rooms use the addresses (`procedures.pages.urls`), the error pages (`procedures.pages.errors`) and `paths_of`.
"""
