"""Whoever has a webhook may have it told how the public list changes."""

from typing import Any

from referencing.base.permissions import Role
from tests.audits.inquiry import of
from tests.webhooks.conftest import Post, make
from tests.webhooks.receivers import receiver


def test_a_webhook_that_names_them_is_told_of_the_changes_of_all_by_ids_alone(post: Post) -> None:
    """Whoever it is of; one that names none is told of its own dossiers, as ever."""
    people = post.people
    with receiver() as there, receiver() as of_dossiers:
        rival = people(Role.EDITOR, organisation="Logiciels Mistral")
        make(rival, there.address, events=["register.referenced", "register.suspended"])
        make(rival, of_dossiers.address)
        dossier = people.referenced("LGC-V1", people.solution("Alizé"))
        of(dossier).open().suspended()
        post.tell()
        assert there.events == ["register.referenced", "register.suspended"]
        changes: list[Any] = people.app.test_client().get("/api/v1/register/changes").get_json()["items"]
        assert [one.words["data"] for one in there.received] == [
            {"change": change["id"]} for change in changes
        ]
        assert [one.id for one in there.received] == [f"register_{change['id']}" for change in changes]
        assert of_dossiers.received == []
        post.tell()
        assert len(there.received) == 2
