"""A real MapServer: each question starts its program, as a web server would by CGI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from tests.fetch.answerer import Asked, Reply

MAP = """\
MAP
  NAME "town"
  EXTENT 600000 6900000 640000 6940000
  SIZE 100 100
  CONFIG "MS_ERRORFILE" "stderr"
  PROJECTION "init=epsg:3006" END
  WEB METADATA
    "wfs_title" "Town"
    "wfs_onlineresource" "http://127.0.0.1/ows?"
    "wfs_srs" "EPSG:3006 EPSG:3014 EPSG:4326"
    "wfs_enable_request" "*"
  END END
  LAYER
    NAME "byggnad"
    TYPE POLYGON
    STATUS ON
    CONNECTIONTYPE OGR
    CONNECTION "{data}"
    DATA "byggnad"
    PROJECTION "init=epsg:{code}" END
    METADATA
      "wfs_title" "byggnad"
      "gml_include_items" "all"
      "gml_featureid" "objektidentitet"
    END
  END
END
"""


def mapserver(folder: Path, data: Path, code: int = 3006) -> Callable[[Asked], Reply]:
    """What answers WFS questions for the layer `byggnad` of a GeoPackage."""
    program = shutil.which("mapserv")
    assert program, "install cgi-mapserver: the tests of fetching need a real server"
    path = folder / "town.map"
    path.write_text(MAP.format(data=data, code=code), "utf-8")

    config = folder / "mapserver.conf"
    config.write_text('CONFIG\n  ENV\n    MS_MAP_PATTERN "."\n  END\nEND\n', "utf-8")

    def answer(asked: Asked) -> Reply:
        done = subprocess.run(
            [program],
            env={
                "PATH": os.environ["PATH"],
                "REQUEST_METHOD": "GET",
                "QUERY_STRING": urlencode({"map": str(path), **asked.query}),
                "MAPSERVER_CONFIG_FILE": str(config),
            },
            capture_output=True,
            check=True,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        kind = head.decode().partition("Content-Type:")[2].splitlines()[0].strip()
        return Reply(body, kind=kind)

    return answer
