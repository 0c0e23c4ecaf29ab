"""Which ground of a detaljplan may be built on: quarters, not streets, parks and water."""

from __future__ import annotations

import re
import unicodedata

from buildings.detaljplan.plans import USE, Provision

_OPEN_CODE = re.compile(r"DP_(?:AP|VO|VA)_.*")
_OPEN_FORM = re.compile(r"allmän|vatten")
_OPEN_LABEL = re.compile(
    r"(?:GATA|HUVUDGATA|LOKALGATA|GENOMFART|GÅRDSGATA|GÅGATA|TORG|PARK|NATUR|VÄG|GÅNG|CYKEL|GC"
    r"|SKYDD|PLANTERING|GÅNGVÄG|GCVÄG|GATUMARK|KAJ|VATTEN|W)[A-ZÅÄÖ0-9 _-]*"
)
_OPEN_WORDS = re.compile(
    r"^(?:(?:allmän plats|huvud|lokal|genomfarts|gårds|uppsamlings|gå)?\W*"
    r"(?:gata|gator|torg|park|natur|naturområde|naturmark|väg|gång|gångväg|cykel|cykelväg"
    r"|gång- och cykelväg|gång- och cykeltrafik|lokaltrafik|genomfartstrafik|trafik mellan områden"
    r"|plantering|skydd|skyddsområde|skydd mot störning(?:ar)?|anlagd park|kaj|gatumark"
    r"|(?:öppet )?vatten(?:område)?))\b"
)


def may_be_built(provision: Provision) -> bool:
    """Whether a use is one of quarters (kvartersmark); what nothing tells is taken for one, since
    only quarters have heights."""
    if provision.kind != USE:
        return False
    if provision.form:
        return not _OPEN_FORM.search(provision.form.casefold())
    if provision.code.startswith("DP_"):
        return not _OPEN_CODE.fullmatch(provision.code)
    if _OPEN_LABEL.fullmatch(provision.label.strip()):
        return False
    words = unicodedata.normalize("NFC", provision.wording).strip().casefold()
    return not _OPEN_WORDS.search(words)
