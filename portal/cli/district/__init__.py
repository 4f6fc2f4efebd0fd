"""The demo district: invented places and persons, loaded through the features' own actions."""
