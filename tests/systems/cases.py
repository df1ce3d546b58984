"""The servers, and for each a policy of our own with a call that it allows and one that it denies.

The denied calls would do something: the servers are started with what lets them write.
"""

from dataclasses import dataclass, field

# The published policy of the tool `policy_generation_start`, which one of the servers has.
SEED = {
    "version": "1",
    "default": "deny",
    "tools": {
        "policy_generation_start": {
            "limits": [
                {"counter": "policy_generation_start_rate", "window": "minute", "max": 10, "scope": "grant"}
            ]
        }
    },
}
GENERATE = {
    "policy_engine_id": "engine-0123456789",
    "name": "admins",
    "content": {"rawText": "Admins may call every tool, others none."},
    "resource": {"arn": "arn:aws:bedrock-agentcore:us-east-1:123456789012:gateway/tools-0123456789"},
}
# What the bridge says of a tool that its server does not have: a result, so it counts.
UNKNOWN = "Unknown tool: 'policy_generation_start'"


@dataclass
class Call:
    tool: str
    arguments: dict
    # Of an allowed call a part of the text, of a denied one the message.
    text: str


@dataclass
class Case:
    """A server, by its name between `awslabs.` and `-mcp-server`."""

    name: str
    policy: dict
    allowed: Call
    denied: Call
    options: list = field(default_factory=list)
    # Whether the allowed call asks something of AWS.
    asks_aws: bool = True
    # What `policy_generation_start` gives while it is allowed.
    generates: str = UNKNOWN


def rule(path, op, value, message):
    return {"conditions": [{"path": path, "op": op, "value": value}], "on_deny": message}


def policy(hide, **tools):
    return {"version": "1", "default": "deny", "hide": hide, "tools": tools}


REGIONS = ["us-east-1", "eu-west-1"]

CASES = [
    Case(
        "cloudwatch-applicationsignals",
        policy(
            ["create_instrumentation", "delete_instrumentation"]
            + ["batch_delete_instrumentations_by_arns", "batch_delete_instrumentations_by_scope"],
            list_canaries={"deny_if": [rule("args.max_results", "gt", 50, "No more than 50 canaries at once.")]},
        ),
        Call("list_canaries", {"max_results": 10}, "No canaries found"),
        Call("list_canaries", {"max_results": 51}, "No more than 50 canaries at once."),
    ),
    Case(
        "prometheus",
        policy(
            ["ExecuteRangeQuery"],
            GetAvailableWorkspaces={"require": [rule("args.region", "in", REGIONS, "That region is not ours.")]},
        ),
        Call("GetAvailableWorkspaces", {"region": "us-east-1"}, '"count": 0'),
        Call("GetAvailableWorkspaces", {"region": "ap-south-1"}, "That region is not ours."),
    ),
    Case(
        "aws-dataprocessing",
        policy(
            ["upload_to_s3", "add_inline_policy", "create_data_processing_role"],
            manage_aws_glue_databases={
                "require": [rule("args.operation", "in", ["list-databases", "get-database"], "Databases are only read.")]
            },
        ),
        Call("manage_aws_glue_databases", {"operation": "list-databases"}, "Successfully listed 0 databases"),
        Call("manage_aws_glue_databases", {"operation": "create-database", "database_name": "d"}, "Databases are only read."),
        ["--allow-write"],
    ),
    Case(
        "eks",
        policy(
            ["apply_yaml", "manage_k8s_resource", "manage_eks_stacks"],
            get_eks_metrics_guidance={},
            add_inline_policy={
                "deny_if": [rule("args.permissions.Action", "contains", "*", "A wildcard is not a permission.")]
            },
        ),
        Call("get_eks_metrics_guidance", {"resource_type": "cluster"}, "Successfully retrieved"),
        Call(
            "add_inline_policy",
            {
                "policy_name": "all",
                "role_name": "reader",
                "permissions": {"Effect": "Allow", "Action": "eks:*", "Resource": "*"},
            },
            "A wildcard is not a permission.",
        ),
        ["--allow-write"],
        asks_aws=False,
    ),
    Case(
        "amazon-mq",
        policy(
            ["delete_broker", "delete_configuration", "rabbitmq_broker_delete_queue", "rabbitmq_broker_purge_queue"],
            list_brokers={"require": [rule("args.region", "in", REGIONS, "That region is not ours.")]},
            # The tool itself takes an absent argument for true.
            create_broker={"require": [rule("args.publicly_accessible", "eq", False, "No broker is public.")]},
        ),
        Call("list_brokers", {"region": "us-east-1"}, "BrokerSummaries"),
        Call(
            "create_broker",
            {"region": "us-east-1", "broker_name": "b", "engine_type": "RABBITMQ", "deployment_mode": "SINGLE_INSTANCE"}
            | {"username": "u", "password": "a-long-password"},
            "No broker is public.",
        ),
        ["--allow-resource-creation"],
    ),
    Case(
        "amazon-bedrock-agentcore",
        policy(
            ["execute_command", "install_packages", "identity_get_token_vault"],
            list_agent_runtimes={},
            gateway_create={
                "require": [rule("args.authorizer_type", "in", ["CUSTOM_JWT", "AWS_IAM"], "A gateway knows its callers.")]
            },
        ),
        Call("list_agent_runtimes", {}, '"runtimes": []'),
        Call(
            "gateway_create",
            {"name": "g", "role_arn": "arn:aws:iam::123456789012:role/g", "protocol_type": "MCP", "authorizer_type": "NONE"},
            "A gateway knows its callers.",
        ),
        generates='"status": "success"',
    ),
]
