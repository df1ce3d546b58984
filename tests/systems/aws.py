"""AWS for the servers: moto, with the one operation that it lacks, and a record of what it was asked.

    target/systems/venv/bin/python tests/systems/aws.py PORT

`GET /_record` is the record: a list of `METHOD path`. It listens on 127.0.0.1 alone.
"""

import json
import re
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

GENERATIONS = re.compile(r"/policy-engines/([\w-]+)/policy-generations")
# Nothing here depends on the time.
LONG_AGO = "2026-01-01T00:00:00Z"

moto = DomainDispatcherApplication(create_backend_app)
record = []
lock = threading.Lock()


def app(environ, start_response):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if path == "/_record":
        return Response(json.dumps(record), content_type="application/json")(environ, start_response)
    with lock:
        record.append(f"{method} {path}")
        number = len(record)
    generations = GENERATIONS.fullmatch(path)
    if method == "POST" and generations:
        asked = Request(environ).get_json(force=True)
        return started(generations[1], asked, number)(environ, start_response)
    return moto(environ, start_response)


def started(engine, asked, number):
    """What Amazon Bedrock AgentCore says when it begins to write a policy."""
    generation = f"{asked['name']}-{number:010}"
    answer = {
        "policyEngineId": engine,
        "policyGenerationId": generation,
        "name": asked["name"],
        "policyGenerationArn": f"arn:aws:bedrock-agentcore:us-east-1:123456789012:policy-engine/{engine}/policy-generation/{generation}",
        "resource": asked["resource"],
        "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO,
        "status": "GENERATING",
        "statusReasons": [],
    }
    return Response(json.dumps(answer), status=202, content_type="application/json")


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True)
