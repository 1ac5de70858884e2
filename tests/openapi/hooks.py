"""What the tool needs to know to read every answer."""

import schemathesis


@schemathesis.deserializer("text/html")
def html(_context, response):
    """Errors of the native API for those who do not ask for JSON: a text."""
    return response.content.decode("utf-8")
