"""The examples in the help of each command. tests/cli/test_help.py runs them in fixtures/apps/orders and shop."""

from __future__ import annotations

from typing import Final, NamedTuple


class Example(NamedTuple):
    """A command line, and in a few words what it does."""

    command: str
    says: str


EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    "scan": (
        Example("lpa scan src", "every call in a folder, and what it needs"),
        Example("lpa scan src --handler app.handler --unreachable", "what a handler reaches, and what not"),
        Example("lpa scan --template template.yaml --function PlaceOrder", "one function of a template"),
        Example("lpa scan src --format json", "for another program"),
    ),
    "generate": (
        Example("lpa generate role.json --source src --handler app.handler", "write the policy of a handler"),
        Example(
            "lpa generate - --source src --account 123456789012 --region eu-west-1",
            "print it, with the ARNs as narrow as can be",
        ),
        Example("lpa generate role.json --source src --check", "fail if the file is not what the source needs"),
        Example("lpa generate - --template template.yaml --as sam", "as parts of a template"),
    ),
    "check": (
        Example("lpa check role.json --source src --handler app.handler", "a policy against a handler"),
        Example("lpa check", "every role of the template in this folder"),
        Example("lpa check --template template.yaml --function PlaceOrder", "the role of one function"),
        Example("lpa check --format sarif", "for code scanning"),
        Example("lpa check --write-baseline lpa-baseline.json", "agree to what is there, to hear of what is new"),
    ),
    "fix": (
        Example("lpa fix --dry-run", "show how the template would change"),
        Example("lpa fix --template template.yaml --function PlaceOrder", "change the role of one function"),
    ),
    "report": (
        Example("lpa report --html report.html", "a page on all functions of the template in this folder"),
        Example("lpa report role.json --source src --html report.html", "on a policy and the source that it is for"),
    ),
    "lint": (
        Example("lpa lint role.json granted.json", "what is wrong with some policies"),
        Example("lpa lint granted.json --select service-wildcard", "one check only"),
        Example("lpa lint granted.json --format github", "as annotations in GitHub Actions"),
    ),
    "diff": (
        Example("lpa diff granted.json role.json", "what a change of policy adds and removes"),
        Example("lpa diff granted.json role.json --fail-on added", "fail if it allows more than before"),
        Example("lpa diff --base HEAD --format markdown", "what of the access is not committed, for a pull request"),
    ),
    "explain": (
        Example("lpa explain s3:GetObject --source src", "which calls need an action"),
        Example("lpa explain 'dynamodb:*' --source src --handler app.handler", "all actions of a service"),
    ),
    "catalog show": (
        Example("lpa catalog show s3.get_object", "what a boto3 method needs"),
        Example("lpa catalog show sqs.SendMessageBatch --format json", "what an operation needs, for another program"),
    ),
    "init": (
        Example("lpa init --dry-run", "show the configuration that fits this repository"),
        Example("lpa init", "write it, with a hook for pre-commit"),
    ),
    "config": (
        Example("lpa config", "what counts, and the line of the configuration that says so"),
        Example("lpa config --severity error --format json", "for another program"),
    ),
    "completion": (
        Example('eval "$(lpa completion bash)"', "for this shell; put it into ~/.bashrc for all"),
        Example("lpa completion zsh", 'for ~/.zshrc: eval "$(lpa completion zsh)", after compinit'),
        Example("lpa completion fish", "for fish: lpa completion fish > ~/.config/fish/completions/lpa.fish"),
    ),
}
"""By command."""
