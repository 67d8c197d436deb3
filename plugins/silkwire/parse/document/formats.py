"""Name a feed's format by the root element of its document."""

from lxml import etree

_RSS_VERSIONS = {"0.90": "rss090", "0.91": "rss091", "0.92": "rss092", "0.93": "rss093"}
_ATOM10 = "http://www.w3.org/2005/atom"
_RSS10 = "http://purl.org/rss/1.0/"
_RSS090 = "http://my.netscape.com/rdf/simple/0.9/"


def name_format(root: etree._Element) -> str | None:
    """`rss20`, `rss10`, `rss091`, `atom10`, `atom03`, `cdf`, …; None for what is no feed."""
    namespace, _, local = str(root.tag).rpartition("}")
    namespace, local = namespace[1:].lower(), local.rpartition(":")[2].lower()
    if local == "rss":
        return _name_rss(root)
    if local == "rdf":
        return _name_rdf(root)
    if local in ("feed", "entry") and namespace == _ATOM10:
        return "atom10"
    if local == "feed":
        version = (root.get("version") or "").strip()
        return "atom03" if version == "0.3" or "purl.org/atom" in namespace else "atom"
    if local == "channel":
        is_cdf = any(str(child.tag).lower().endswith("item") for child in root)
        return "cdf" if is_cdf else "rss"
    return None


def _name_rss(root: etree._Element) -> str:
    values = [str(root.get(key)) for key in root.attrib if str(key).lower().endswith("version")]
    version = values[0].strip() if values else ""
    return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2") else "rss")


def _name_rdf(root: etree._Element) -> str | None:
    namespaces = {str(uri).lower() for uri in root.nsmap.values()}
    if _RSS090 in namespaces:
        return "rss090"
    names = {str(child.tag).rpartition("}")[2].lower() for child in root}
    return "rss10" if _RSS10 in namespaces or names & {"channel", "item"} else None
