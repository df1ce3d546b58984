// Lines of a stream, and what is seen of those that are too long to be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dirname, join } from "node:path";
import { cliOf } from "./guarded.mjs";

const { cli } = cliOf("guard-lines");
const { Lines, TooLong } = await import(join(dirname(cli), "guard/lines.js"));

const MOST = 20_000;
const long = "x".repeat(MOST);

/** The lines of a text that comes in pieces of this size. */
function linesOf(text, size) {
  const lines = new Lines(MOST);
  const bytes = Buffer.from(text);
  const found = [];
  for (let at = 0; at < bytes.length; at += size) found.push(...lines.push(bytes.subarray(at, at + size)));
  found.push(...lines.end());
  return found.map((line) => (line instanceof TooLong ? line.seen() : String(line)));
}

test("lines are the same in whatever pieces they come", () => {
  const most = "y".repeat(MOST);
  const tooLong = { id: "7", isAnswer: true };
  const text = `a\n\nbé\r\n${most}\n{"id":7,"result":"${long}"}\n${most}\nlast`;
  for (const size of [1, 2, 7, 4095, 4096, 4097, 19_999, 20_000, 20_001, 1_000_000])
    assert.deepEqual(linesOf(text, size), ["a", "", "bé\r", most, tooLong, most, "last"], String(size));
});

test("of a line that is too long it is seen what it is, and for whom, or nothing", () => {
  const cases = [
    [`{"jsonrpc":"2.0","id":5,"result":{"a":"${long}"}}`, { id: "5", isAnswer: true }],
    [` { "jsonrpc" : "2.0" , "id" : "a-1" , "error" : { "a":"${long}"}} \r`, { id: '"a-1"', isAnswer: true }],
    [`{"result":{"a":"${long}"},"jsonrpc":"2.0","id":5}`, { id: "5", isAnswer: true }],
    [`{"result":["${long}"],"id":-5,"jsonrpc":"2.0"}`, { id: "-5", isAnswer: true }],
    [`{"jsonrpc":"2.0","result":{"id":4,"a":"${long}"},"id":"b"}`, { id: '"b"', isAnswer: true }],
    [`{"id":5,"method":"tools/call","params":{"a":"${long}"}}`, { id: "5", isAnswer: false }],
    [`{"method":"notifications/message","params":{"a":"${long}"},"jsonrpc":"2.0"}`, { id: undefined, isAnswer: false }],
    [`{"params":{"a":"${long}"},"method":"x","jsonrpc":"2.0","id":6}`, { id: "6", isAnswer: false }],
    // The id is not in sight, or of something else, or not plain.
    [`{"a":["${long}"],"id":5,"b":["${long}"]}`, { id: undefined, isAnswer: undefined }],
    [`{"result":{"a":"${long}","b":{"x":1,"id":5}}}`, { id: undefined, isAnswer: true }],
    [`{"result":{"a":"${long}, \\"id\\":5}"}}`, { id: undefined, isAnswer: true }],
    [`{"jsonrpc":"2.0","id":1.5,"result":"${long}"}`, { id: undefined, isAnswer: true }],
    [`{"id":"${long}","result":{}}`, { id: undefined, isAnswer: undefined }],
    [long + long, { id: undefined, isAnswer: undefined }],
  ];
  for (const [line, seen] of cases) assert.deepEqual(linesOf(line, 999), [seen], line.slice(0, 60));
});
