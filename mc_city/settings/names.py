"""Files that a build writes beside its blocks and others read again, and the words that the game's
owners ask for."""

from __future__ import annotations

CREDITS, FACTS = "ATTRIBUTION.txt", "mc_city.json"
"""Files inside a world that say whose data it is made of, and what it is."""
HOUSES = "mc_city_houses.json.gz"
"""The file inside a world that says where its houses stand and how high."""
NOTICE = (
    "NOT AN OFFICIAL MINECRAFT PRODUCT. NOT APPROVED BY OR ASSOCIATED WITH MOJANG OR MICROSOFT.\n"
    "INTE EN OFFICIELL MINECRAFT-PRODUKT. INTE GODKÄND AV ELLER FÖRKNIPPAD MED MOJANG ELLER "
    "MICROSOFT.\n"
)
