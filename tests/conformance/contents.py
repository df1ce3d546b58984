"""What the conformance server offers, as data. The suite fixes the names, and here and there a text.

Each table says for a name what answers it; server.py knows how.
"""

# One white pixel, and a sound of no length.
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="


def text(words):
    return {"type": "text", "text": words}


def embedded(uri, words, mime="text/plain"):
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime, "text": words}}


IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}
AUDIO = {"type": "audio", "data": WAV, "mimeType": "audio/wav"}

# Tools that always give the same.
FIXED = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [IMAGE],
    "test_audio_content": [AUDIO],
    "test_embedded_resource": [embedded("test://embedded-resource", "This is an embedded resource content.")],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        IMAGE,
        embedded("test://mixed-content-resource", '{"test": "data", "value": 123}', "application/json"),
    ],
}


def fields(*required, **properties):
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


STRING = {"type": "string"}
NOTHING = fields()


def ask(message, schema):
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


def sample(words, most):
    messages = [{"role": "user", "content": text(words)}]
    return {"method": "sampling/createMessage", "params": {"messages": messages, "maxTokens": most}}


ROOTS = {"method": "roots/list", "params": {}}
NAME = ask("What is your name?", fields("name", name=STRING))
CONFIRM = ask("Please confirm", fields("ok", ok={"type": "boolean"}))

# What a call of 2026-07-28 asks its client for, round by round; whether it hands out a state.
ROUNDS = {
    "test_input_required_result_elicitation": (False, [{"user_name": NAME}]),
    "test_input_required_result_sampling": (
        False,
        [{"capital_question": sample("What is the capital of France?", 100)}],
    ),
    "test_input_required_result_list_roots": (False, [{"client_roots": ROOTS}]),
    "test_input_required_result_request_state": (True, [{"confirm": CONFIRM}]),
    "test_input_required_result_multiple_inputs": (
        True,
        [{"user_name": NAME, "greeting": sample("Generate a greeting", 50), "client_roots": ROOTS}],
    ),
    "test_input_required_result_multi_round": (
        True,
        [
            {"step1": ask("Step 1: What is your name?", fields("name", name=STRING))},
            {"step2": ask("Step 2: What is your favorite color?", fields("color", color=STRING))},
        ],
    ),
    "test_input_required_result_tampered_state": (True, [{"confirm": CONFIRM}]),
    # Of these it asks only for what the client can do.
    "test_input_required_result_capabilities": (False, [{"name": NAME, "greeting": sample("Generate a greeting", 50)}]),
    "test_streaming_elicitation": (False, [{"user_name": NAME}]),
}
PROMPT_ROUNDS = (False, [{"user_context": ask("What context should the prompt use?", fields("context", context=STRING))}])

# What a call of the sessions' era asks its client for in the middle of its work.
ELICITED = {
    "test_elicitation_sep1034_defaults": fields(
        name=STRING | {"default": "John Doe"},
        age={"type": "integer", "default": 30},
        score={"type": "number", "default": 95.5},
        status=STRING | {"enum": ["active", "inactive", "pending"], "default": "active"},
        verified={"type": "boolean", "default": True},
    ),
    "test_elicitation_sep1330_enums": fields(
        untitledSingle=STRING | {"enum": ["red", "green", "blue"]},
        titledSingle=STRING | {"oneOf": [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"}]},
        legacyEnum=STRING | {"enum": ["s", "m", "l"], "enumNames": ["Small", "Medium", "Large"]},
        untitledMulti={"type": "array", "items": STRING | {"enum": ["north", "south"]}},
        titledMulti={"type": "array", "items": {"anyOf": [{"const": "n", "title": "North"}, {"const": "s", "title": "South"}]}},
    ),
}
ANSWER = fields("username", "email", username=STRING, email=STRING)

# Every keyword that the suite wants to find again in the list of tools.
RICH_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"address": {"$anchor": "place"} | fields("city", city=STRING)},
    **fields("to", to={"$ref": "#/$defs/address"}, letter=STRING, parcel=STRING, heavy={"type": "boolean"}),
    "allOf": [{"anyOf": [{"required": ["letter"]}, {"required": ["parcel"]}]}],
    "if": {"properties": {"heavy": {"const": True}}, "required": ["heavy"]},
    "then": {"required": ["parcel"]},
    "else": {"required": ["letter"]},
    "additionalProperties": False,
}

# The arguments of the tools that have some.
SCHEMAS = {
    "test_sampling": fields("prompt", prompt=STRING),
    "test_elicitation": fields("message", message=STRING),
    "test_x_mcp_header": fields(region=STRING | {"x-mcp-header": "Region"}),
    "json_schema_2020_12_tool": RICH_SCHEMA,
}

RESOURCES = {
    "test://static-text": {"mimeType": "text/plain", "text": "This is the content of the static text resource."},
    "test://static-binary": {"mimeType": "image/png", "blob": PNG},
    "test://watched-resource": {"mimeType": "text/plain", "text": "Nothing has happened yet."},
}
TEMPLATE = "test://template/{id}/data"

# The messages of a prompt, with its arguments in braces, and the arguments.
PROMPTS = {
    "test_simple_prompt": ((), [text("This is a simple prompt for testing.")]),
    "test_prompt_with_arguments": (("arg1", "arg2"), [text("Prompt with arguments: arg1='{arg1}', arg2='{arg2}'")]),
    "test_prompt_with_embedded_resource": (
        ("resourceUri",),
        [
            embedded("{resourceUri}", "Embedded resource content for testing."),
            text("Please process the embedded resource above."),
        ],
    ),
    "test_prompt_with_image": ((), [IMAGE, text("Please analyze the image above.")]),
    "test_input_required_result_prompt": ((), [text("Keep this in mind: {context}")]),
}

COMPLETIONS = ["paris", "park", "party"]
