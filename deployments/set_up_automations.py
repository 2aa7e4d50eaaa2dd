"""Have the server tell people of failed nights: ``python set_up_automations.py WEBHOOK-URL``.

The address gets ``{"text": "…"}`` by POST, as Slack, Mattermost and others take it. What was set up
before is replaced.
"""  # noqa: INP001 - a script of its own

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock

_BLOCK = "badc-nightly-failed"
_AUTOMATIONS = Path(__file__).with_name("automations.yaml")


def set_up(url: str) -> None:
    """Make the webhook and the automations, or replace them."""
    block = CustomWebhookNotificationBlock(
        name="BADC", url=url, json_data={"text": "{{subject}}\n{{body}}"}
    )
    webhook = block.save(_BLOCK, overwrite=True)
    for wanted in yaml.safe_load(_AUTOMATIONS.read_text(encoding="utf-8"))["automations"]:
        for action in wanted["actions"]:
            if action.get("block_document_id") == "{webhook}":
                action["block_document_id"] = str(webhook)
        _put(wanted)


def _put(wanted: dict[str, Any]) -> None:
    with suppress(ValueError):  # there is none of that name
        Automation.read(name=wanted["name"]).delete()
    Automation.model_validate(wanted).create()
    sys.stdout.write(f"Automation {wanted['name']}: {wanted['description']}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].startswith(("http://", "https://")):
        sys.exit(f"usage: {sys.argv[0]} https://…  (the address that gets the message)")
    set_up(sys.argv[1])
