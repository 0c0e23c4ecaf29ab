say too old a folder
