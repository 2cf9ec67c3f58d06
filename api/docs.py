"""The documentation of the API as one page, made of its OpenAPI schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

_METHODS: Final = ("get", "post")


def docs_page(schema: Mapping[str, Any]) -> str:
    """Make the page; it runs no script, and fetches one style sheet."""
    info = schema["info"]
    parts = [
        f"<h1>{escape(info['title'])} <small>API {escape(info['version'])}</small></h1>",
        f'<p>{escape(info.get("summary", ""))}. For programs: <a href="/openapi.json">openapi.json</a>; '
        '<a href="/">the page for people</a>.</p>',
    ]
    for path, methods in schema["paths"].items():
        parts += [part for name in _METHODS if name in methods for part in _endpoint(schema, path, name, methods[name])]
    models = schema["components"]["schemas"]
    shown = [name for name in models if not name.startswith(("Body_", "HTTPValidationError", "ValidationError"))]
    parts.append("<h2>Answers</h2>")
    for name in shown:
        model = models[name]
        parts.append(f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{escape(model.get("description", ""))}</p>')
        parts += _table(("field", "kind", "meaning"), _fields(model))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>trailcast: API</title>\n'
        '<link rel="icon" href="data:,">\n'
        f'<link rel="stylesheet" href="/page/style.css">\n</head>\n<body>\n<main class="docs">\n{body}\n</main>\n'
        "</body>\n</html>\n"
    )


def _endpoint(schema: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{escape(said.get('description', said.get('summary', '')))}</p>"
    parameters = said.get("parameters", [])
    if parameters:
        yield "<h3>In the address</h3>"
        rows = [
            (f"<code>{escape(x['name'])}</code>", _kind(x["schema"]), escape(x.get("description", "")))
            for x in parameters
        ]
        yield from _table(("name", "kind", "meaning"), rows)
    for content in said.get("requestBody", {}).get("content", {}).values():
        yield "<h3>Fields of the form</h3>"
        yield from _table(("field", "kind", "meaning"), _fields(_resolved(schema, content["schema"])))
    yield "<h3>Answers</h3>"
    yield from _table(("status", "kind", "meaning"), [_answer(*item) for item in said["responses"].items()])


def _resolved(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    name = part.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else part


def _answer(status: str, said: Mapping[str, Any]) -> tuple[str, str, str]:
    kinds = []
    for media_type, content in said.get("content", {}).items():
        kind = _kind(content.get("schema", {}))
        kinds.append(kind if "<a" in kind else escape(media_type))
    return escape(status), ", ".join(kinds), escape(said.get("description", ""))


def _fields(model: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    needed = model.get("required", ())
    rows = []
    for name, field in model.get("properties", {}).items():
        text = escape(field.get("description", ""))
        default = field.get("default")
        if default not in (None, ""):
            text += f" (default <code>{escape(str(default))}</code>)"
        must = " <em>needed</em>" if name in needed and "title" in model and model["title"].startswith("Body_") else ""
        rows.append((f"<code>{escape(name)}</code>{must}", _kind(field), text))
    return rows


def _kind(field: Mapping[str, Any]) -> str:
    """What a field is, in a word or two; a model as a link."""
    if "$ref" in field:
        name = escape(field["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "enum" in field:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_kind(one) for one in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if field.get("format") == "binary" or field.get("contentMediaType"):
        return "file"
    return escape(str(field.get("type", "")))


def _table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> list[str]:
    if not rows:
        return []
    line = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return [
        f'<div class="scroll" tabindex="0"><table><thead><tr>{line}</tr></thead><tbody>{body}</tbody></table></div>'
    ]
