"""Templates of comments as the API shows them."""

from typing import Any

from .models import CommentTemplate


def template_view(template: CommentTemplate) -> dict[str, Any]:
    return {
        "id": template.id,
        "title": template.title,
        "text": template.text,
        "outcome": template.outcome,
        "chapter": template.chapter,
        "revision": template.revision,
    }
