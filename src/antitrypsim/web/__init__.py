"""The page: mechanism and trial in a browser, served by this machine to itself."""
