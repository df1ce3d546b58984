/** Counters in a file, for programs in Node. @packageDocumentation */

import type { CounterStore } from "./stores.js";

/**
 * Counters in a SQLite file, which is made if it is not there: they outlive the process, and several processes
 * of one machine can count in them. With Node's own `node:sqlite` (22.13 and newer), else through the package
 * `libsql`, which is to be installed.
 */
export function fileStore(path: string): Promise<CounterStore>;
