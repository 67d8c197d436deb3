"""The Jinja environment of the Newsroom's templates, with their filters."""

from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from silkwire.newsroom import words
from silkwire.newsroom.filters import SCOPES
from silkwire.newsroom.marks import find_direction


def open_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "age": words.describe_age,
        "count": words.count_noun,
        "delay": words.describe_delay,
        "factor": words.describe_factor,
        "field": words.describe_field,
        "scope": words.describe_scope,
        "time": words.format_time,
        "topic": words.describe_topic,
        "weight": words.format_weight,
        "direction": find_direction,
        "is_web": words.is_web_url,
    }
    environment.globals |= {"scopes": SCOPES, "release": version("silkwire")}
    for name in environment.list_templates():
        environment.get_template(name)  # compiled now, so that the first page is not slower
    return environment
