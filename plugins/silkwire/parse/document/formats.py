"""The name of a feed's format, told by its root element; None for what is no feed."""

from lxml import etree

_RSS_VERSIONS = {"0.90": "rss090", "0.91": "rss091", "0.92": "rss092", "0.93": "rss093"}
_ATOM10 = "http://www.w3.org/2005/atom"
_RSS10 = "http://purl.org/rss/1.0/"
_RSS090 = "http://my.netscape.com/rdf/simple/0.9/"


def name_format(root: etree._Element) -> str | None:
    """`rss20`, `rss10`, `rss091`, `atom10`, `atom03`, `cdf`, …"""
    namespace, _, local = str(root.tag).rpartition("}")
    local = local.rpartition(":")[2].lower()
    if local == "rss":
        return _name_rss(root)
    if local == "rdf":
        return _name_rdf(root)
    if local == "feed":
        return _name_atom(root, namespace[1:].lower())
    if local == "entry" and namespace[1:].lower() == _ATOM10:
        return "atom10"
    if local == "channel":
        is_cdf = any(str(child.tag).lower().endswith("item") for child in root)
        return "cdf" if is_cdf else "rss"
    return None


def _name_rss(root: etree._Element) -> str:
    values = [str(root.get(key)) for key in root.attrib if str(key).lower().endswith("version")]
    version = values[0].strip() if values else ""
    return _RSS_VERSIONS.get(version) or ("rss20" if version.startswith("2") else "rss")


def _name_rdf(root: etree._Element) -> str | None:
    spaces = {str(uri).lower() for uri in root.nsmap.values()}
    if _RSS090 in spaces:
        return "rss090"
    locals_ = {str(child.tag).rpartition("}")[2].lower() for child in root}
    return "rss10" if _RSS10 in spaces or locals_ & {"channel", "item"} else None


def _name_atom(root: etree._Element, namespace: str) -> str:
    if namespace == _ATOM10:
        return "atom10"
    version = (root.get("version") or "").strip()
    return "atom03" if version == "0.3" or "purl.org/atom" in namespace else "atom"
