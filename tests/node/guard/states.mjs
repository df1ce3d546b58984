// The states in which one of the three, client, guard and server, can be killed.

import { readFileSync, writeFileSync } from "node:fs";
import { Guarded, POLICY } from "./guarded.mjs";

/** The processes that a process has started. */
export const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** The states: what has been said when one of the three is killed; the ids that wait for an answer then. */
export const STATES = {
  "before a word": async () => [],
  "in the middle of a line": async (guarded) => {
    await guarded.initialize();
    guarded.write('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"');
    return [];
  },
  "while nothing is asked": async (guarded) => {
    await guarded.initialize();
    await guarded.said("pay");
    return [];
  },
  "while calls are under way": async (guarded) => {
    await guarded.initialize();
    for (const id of ["a", "b"]) guarded.send({ id, method: "tools/call", params: { name: "hang" } });
    await guarded.until(() => guarded.got.filter((line) => line.includes("hang")).length === 2);
    return ["a", "b"];
  },
  "while a person is asked": async (guarded) => {
    await guarded.initialize({ elicitation: {} });
    guarded.send({ id: "c", method: "tools/call", params: { name: "hold" } });
    await guarded.message(({ method }) => method === "elicitation/create");
    return ["c"];
  },
  "while the policy changes": async (guarded) => {
    await guarded.initialize();
    guarded.send({ id: "d", method: "tools/call", params: { name: "hang" } });
    await guarded.until(() => guarded.got.some((line) => line.includes("hang")));
    writeFileSync(guarded.policy, JSON.stringify({ ...POLICY, hide: [] }));
    return ["d"];
  },
  "while a long answer is on its way": async (guarded) => {
    await guarded.initialize();
    guarded.process.stdout.pause();
    guarded.send({ id: "e", method: "tools/call", params: { name: "big", arguments: { size: 20 << 20 } } });
    await guarded.until(() => guarded.got.some((line) => line.includes("big")));
    return ["e"];
  },
};

/** A guard whose server is there, and the server's process. */
export async function begun(cli, at) {
  const guarded = new Guarded(cli, { at });
  await guarded.until(() => guarded.stderr.includes("the server is there"));
  const [child] = childrenOf(guarded.process.pid);
  return { guarded, child };
}
