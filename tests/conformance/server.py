"""The server that the conformance suite tests: both eras, on the official Python SDK's own floor.

    target/venv/bin/python tests/conformance/server.py PORT

What it offers is in contents.py. It listens on 127.0.0.1 alone.
"""

import asyncio
import re
import sys
import warnings

import contents
import mcp_types as types
import uvicorn
from contents import ANSWER, COMPLETIONS, ELICITED, FIXED, NOTHING, PROMPT_ROUNDS, PROMPTS, RESOURCES, ROUNDS, SCHEMAS, TEMPLATE
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.streamable_http import EventMessage, EventStore
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError

# The suite still wants of the sessions' era what the SDK warns of: logging, sampling.
warnings.filterwarnings("ignore", category=MCPDeprecationWarning)

bus = InMemorySubscriptionBus()
# Of the client, by the method that asks for it.
CAPABILITIES = {"elicitation/create": "elicitation", "sampling/createMessage": "sampling", "roots/list": "roots"}


class Remembered(EventStore):
    """All events of all streams, so that a stream can be resumed; an event's id is its place."""

    def __init__(self):
        self.events = []

    async def store_event(self, stream_id, message):
        self.events.append((stream_id, message))
        return str(len(self.events) - 1)

    async def replay_events_after(self, last_event_id, send_callback):
        if not last_event_id.isdigit() or int(last_event_id) >= len(self.events):
            return None
        last = int(last_event_id)
        stream = self.events[last][0]
        for place, (whose, message) in list(enumerate(self.events))[last + 1 :]:
            if whose == stream and message is not None:
                await send_callback(EventMessage(message, str(place)))
        return stream


# Tools: each takes the request's context and its parameters, and gives the content or a whole result.


async def log(ctx, words):
    await ctx.session.send_log_message("info", words, related_request_id=ctx.request_id)


async def logs(ctx, _):
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(ctx, words)
        await asyncio.sleep(0.05)
    return [contents.text("logged")]


async def progresses(ctx, _):
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100)
        await asyncio.sleep(0.05)
    return [contents.text("all done")]


async def fails(ctx, _):
    return {"content": [contents.text("This tool intentionally returns an error for testing")], "isError": True}


async def samples(ctx, params):
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=params.arguments["prompt"]))
    answer = await ctx.session.create_message([message], max_tokens=100, related_request_id=ctx.request_id)
    return [contents.text(f"LLM response: {answer.content.text}")]


async def elicits(ctx, params):
    message = (params.arguments or {}).get("message", "Please tell us")
    answer = await ctx.session.elicit_form(message, ELICITED.get(params.name, ANSWER), ctx.request_id)
    return [contents.text(f"Elicitation completed: action={answer.action}, content={answer.content}")]


async def loses_its_stream(ctx, _):
    await log(ctx, "before the stream is closed")
    if ctx.close_sse_stream:
        await ctx.close_sse_stream()
    # Long enough for the client to come back, or not: the answer is kept for it.
    await asyncio.sleep(0.2)
    return [contents.text("the stream was closed in the middle of this")]


async def wants_sampling(ctx, _):
    if not capable(ctx, "sampling/createMessage"):
        data = {"requiredCapabilities": {"sampling": {}}}
        raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, "the client must be able to sample", data)
    return [contents.text("the client can sample")]


async def changes_the_tools(ctx, _):
    TOOLS["test_dynamic_tool"] = fixed
    await bus.publish(ToolsListChanged())
    del TOOLS["test_dynamic_tool"]
    await bus.publish(ToolsListChanged())
    return [contents.text("a tool came and went")]


async def changes_the_prompts(ctx, _):
    PROMPTS["test_dynamic_prompt"] = PROMPTS["test_simple_prompt"]
    await bus.publish(PromptsListChanged())
    del PROMPTS["test_dynamic_prompt"]
    await bus.publish(PromptsListChanged())
    return [contents.text("a prompt came and went")]


async def tells_its_arguments(ctx, params):
    return [contents.text(f"called with {params.arguments}")]


async def fixed(ctx, params):
    return FIXED[params.name]


async def asks_in_rounds(ctx, params):
    missing = await next_round(ctx, params, *ROUNDS[params.name])
    return missing or [contents.text("state-ok, all answers are there")]


TOOLS = {
    **dict.fromkeys(FIXED, fixed),
    **dict.fromkeys(ROUNDS, asks_in_rounds),
    **dict.fromkeys([*ELICITED, "test_elicitation"], elicits),
    **dict.fromkeys(["test_tool_with_logging", "test_logging_tool"], logs),
    "test_tool_with_progress": progresses,
    "test_error_handling": fails,
    "test_sampling": samples,
    "test_reconnection": loses_its_stream,
    "test_missing_capability": wants_sampling,
    "test_trigger_tool_change": changes_the_tools,
    "test_trigger_prompt_change": changes_the_prompts,
    "test_x_mcp_header": tells_its_arguments,
    "json_schema_2020_12_tool": tells_its_arguments,
}


def capable(ctx, method):
    declared = ctx.session.client_capabilities
    return declared is not None and getattr(declared, CAPABILITIES[method]) is not None


async def next_round(ctx, params, stateful, rounds):
    """What is to be asked of the client next, or None when it has answered all."""
    answers = params.input_responses or {}
    if stateful and params.request_state is None:
        answers = {}
    place = int(params.request_state or 0)
    if rounds[place].keys() <= answers.keys():
        place += 1
    if place == len(rounds):
        return None
    questions = rounds[place]
    if len(questions) > 1 and not stateful:
        questions = {name: question for name, question in questions.items() if capable(ctx, question["method"])}
    state = {"requestState": str(place)} if stateful else {}
    return {"resultType": "input_required", "inputRequests": questions} | state


# The methods. What a result says of itself is dropped by the SDK in the era that does not know it.


def whole(**result):
    return {"resultType": "complete"} | result


def cached(**result):
    return whole(ttlMs=1000, cacheScope="public", **result)


def described(name):
    return {"name": name, "description": name.replace("_", " ")}


async def list_tools(ctx, _):
    return cached(tools=[described(name) | {"inputSchema": SCHEMAS.get(name, NOTHING)} for name in TOOLS])


async def call_tool(ctx, params):
    tool = TOOLS.get(params.name)
    if tool is None:
        raise MCPError(types.INVALID_PARAMS, f"no such tool: {params.name}")
    result = await tool(ctx, params)
    return whole(**result) if isinstance(result, dict) else whole(content=result)


async def list_resources(ctx, _):
    entries = [{"uri": uri, "mimeType": content["mimeType"]} for uri, content in RESOURCES.items()]
    return cached(resources=[entry | described(entry["uri"].rpartition("/")[2]) for entry in entries])


async def list_templates(ctx, _):
    return cached(resourceTemplates=[{"uriTemplate": TEMPLATE, "mimeType": "application/json"} | described("data")])


async def read_resource(ctx, params):
    uri = str(params.uri)
    content = RESOURCES.get(uri)
    found = re.fullmatch(re.escape(TEMPLATE).replace(r"\{id\}", "([^/]+)"), uri)
    if found:
        words = f'{{"id": "{found[1]}", "templateTest": true, "data": "Data for ID: {found[1]}"}}'
        content = {"mimeType": "application/json", "text": words}
    if content is None:
        raise MCPError(types.INVALID_PARAMS, "no such resource", {"uri": uri})
    return cached(contents=[{"uri": uri} | content])


async def done(ctx, _):
    # Of methods that only the sessions' era has.
    return {}


async def list_prompts(ctx, _):
    return cached(
        prompts=[
            described(name) | {"arguments": [described(argument) | {"required": True} for argument in arguments]}
            for name, (arguments, _) in PROMPTS.items()
        ]
    )


async def get_prompt(ctx, params):
    if params.name not in PROMPTS:
        raise MCPError(types.INVALID_PARAMS, f"no such prompt: {params.name}")
    values = dict(params.arguments or {})
    if params.name == "test_input_required_result_prompt":
        missing = await next_round(ctx, params, *PROMPT_ROUNDS)
        if missing:
            return missing
        values["context"] = str(params.input_responses["user_context"].content)
    arguments, messages = PROMPTS[params.name]
    if not set(arguments) <= values.keys():
        raise MCPError(types.INVALID_PARAMS, f"the prompt {params.name} takes {', '.join(arguments)}")
    return whole(messages=[{"role": "user", "content": filled(content, values)} for content in messages])


def filled(content, values):
    """The content with the values where their names stand in braces."""
    if isinstance(content, dict):
        return {key: filled(value, values) for key, value in content.items()}
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), content)


async def complete(ctx, params):
    values = [word for word in COMPLETIONS if word.startswith(params.argument.value)]
    return whole(completion={"values": values, "total": len(values), "hasMore": False})


def main(port):
    server = Server(
        "cattlegrid-conformance",
        version="1",
        get_tool_input_schema=SCHEMAS.get,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_subscribe_resource=done,
        on_unsubscribe_resource=done,
        on_subscriptions_listen=ListenHandler(bus),
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
        on_set_logging_level=done,
    )
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=server.name))
    # The interval in milliseconds after which a client whose stream ended is to come back.
    app = server.streamable_http_app(event_store=Remembered(), retry_interval=100)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
