"""How the texts of a service and of an office are put down."""


def service(name, description="", *, bring=(), fee="", keywords=""):
    texts = {
        "name": name,
        "description": _paragraph(description),
        "what_to_bring": _list(bring),
        "fee": _paragraph(fee),
        "keywords": keywords,
    }
    return {field: text for field, text in texts.items() if text}


def office(name, description="", *, accessibility=(), keywords=""):
    texts = {
        "name": name,
        "description": _paragraph(description),
        "accessibility": "\n".join(accessibility),
        "keywords": keywords,
    }
    return {field: text for field, text in texts.items() if text}


def _paragraph(text):
    return f"<p>{text}</p>" if text else ""


def _list(items):
    return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""
