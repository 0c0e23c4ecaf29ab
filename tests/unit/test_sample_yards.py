"""The sample's yards and parks: one comes into them."""

from __future__ import annotations

import geopandas as gpd
import shapely

from worlds.shipped import SHIPPED

SAMPLE = SHIPPED / "data" / "sundsvall"


def test_yards_that_one_house_closes_are_reached_through_it():
    houses = gpd.read_file(SAMPLE / "buildings.gpkg").geometry
    streets = gpd.read_file(SAMPLE / "streets.gpkg", layer="streets")
    through = streets[streets.tunnel == "building_passage"].geometry
    yards = [
        (house, shapely.Polygon(ring))
        for shape in houses
        for house in shapely.get_parts(shape)
        for ring in house.interiors
    ]
    assert yards
    for house, yard in yards:
        ways = through[through.intersects(yard) & through.intersects(house)]
        assert len(ways), yard.centroid
        # From outside.
        assert (~ways.within(shapely.Polygon(house.exterior))).any()


def test_paths_lead_to_the_fountain_and_the_benches_of_the_park():
    places = gpd.read_file(SAMPLE / "places.gpkg")
    fountain = places[places.kind == "fountain"].geometry.iloc[0]
    squares = gpd.read_file(SAMPLE / "streets.gpkg", layer="squares")
    paved = squares[(squares.kind == "square") & squares.contains(fountain)].geometry
    assert len(paved) == 1
    streets = gpd.read_file(SAMPLE / "streets.gpkg", layer="streets")
    park = squares[squares.name == "Vängåvan"].geometry.iloc[0]
    paths = streets[(streets.highway == "footway") & streets.intersects(paved.iloc[0])].geometry
    assert len(paths) == 4
    assert (~paths.within(park)).all()
