"""HTTP as a careless client speaks it: any bytes, any headers, and the whole answer."""

import http.client
import json
from dataclasses import dataclass

MODERN = "2026-07-28"
ACCEPT = "application/json, text/event-stream"


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def decision(self):
        """What the filter decided, from the answer to a denied or held call."""
        return self.json["result"]["_meta"]["cattlegrid/decision"]

    @property
    def text(self):
        """What an agent reads."""
        return self.json["result"]["content"][0]["text"]

    @property
    def events(self):
        """The data of the events, read as the standard says."""
        text = self.body.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        blocks = (block.split("\n") for block in text.split("\n\n"))
        data = (["".join(line[5:].removeprefix(" ")) for line in block if line.startswith("data:")] for block in blocks)
        return ["\n".join(lines) for lines in data if lines]


class Client:
    """One connection to the filter, kept open from one request to the next."""

    def __init__(self, port, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(self, body=None, method="POST", headers=None, path="/mcp", plain=False):
        """Sends a body as it stands; `headers` replace the usual ones, and None takes one away."""
        usual = {} if body is None else {"content-type": "application/json"}
        wanted = {} if plain else {"accept": ACCEPT, **usual}
        wanted = {name: value for name, value in (wanted | (headers or {})).items() if value is not None}
        try:
            self.connection.request(method, path, body, wanted)
            answer = self.connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def rpc(self, method, params=None, id=1, headers=None):
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        if params is not None:
            message["params"] = params
        return self.send(json.dumps(message), headers=headers)

    def call(self, tool, arguments=None, id=1, headers=None):
        params = {"name": tool} | ({} if arguments is None else {"arguments": arguments})
        return self.rpc("tools/call", params, id, headers)

    def modern(self, method, params=None, id=1, headers=None):
        """A request as MCP writes it since 2026-07-28; `headers` replace those that say again what it says."""
        params = params or {}
        meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
        mirrors = {"mcp-protocol-version": MODERN, "mcp-method": method}
        if "name" in params:
            mirrors["mcp-name"] = params["name"]
        return self.rpc(method, params | {"_meta": meta}, id, mirrors | (headers or {}))

    def close(self):
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
