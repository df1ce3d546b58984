// Counters in a file, so that they outlive the process that counts: SQLite, through Node's own module
// where there is one (22.13 and newer), else through the package `libsql`, which speaks the same way.
//
// Several processes may count in one file: each reservation is a transaction that locks it.

import { endOf, moment, reserve, without } from "./count.js";

/** What the file holds, told apart from other files and from what later versions may write. */
const VERSION = 1;
/** Milliseconds to wait for another process that counts. */
const PATIENCE = 5000;
/** Counters that are over are looked for as often, by the time of the calls. */
const SWEEP_EVERY = 60_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS counters (
    key TEXT PRIMARY KEY, start INTEGER NOT NULL, over INTEGER NOT NULL, used TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY CHECK (one = 1), floor INTEGER NOT NULL);
  INSERT OR IGNORE INTO clock VALUES (1, 0);
  PRAGMA user_version = ${VERSION};`;

export async function fileStore(path) {
  const Database = await sqlite();
  let db;
  try {
    db = new Database(path);
    db.exec(`PRAGMA busy_timeout = ${PATIENCE}`);
    await patiently(() => db.exec("PRAGMA journal_mode = WAL"));
    // What was counted is on the disk before the call goes on: a power cut opens no budget again.
    db.exec("PRAGMA synchronous = FULL");
    transaction(db, () => {
      const { user_version: version } = db.prepare("PRAGMA user_version").get();
      const { tables } = db.prepare("SELECT count(*) AS tables FROM sqlite_schema").get();
      if (version === 0 && tables === 0) db.exec(TABLES);
      else if (version !== VERSION) throw new Error("it was not written by this version of cattlegrid");
    });
  } catch (error) {
    db?.close();
    throw new Error(`the counters in ${path} cannot be used: ${error.message}`, { cause: error });
  }
  const find = db.prepare("SELECT start, used FROM counters WHERE key = ?");
  const keep = db.prepare("INSERT OR REPLACE INTO counters (key, start, over, used) VALUES (?, ?, ?, ?)");
  const change = db.prepare("UPDATE counters SET used = ? WHERE key = ?");
  const clock = db.prepare("SELECT floor FROM clock");
  const advance = db.prepare("UPDATE clock SET floor = max(floor, ?)");
  const forget = db.prepare("DELETE FROM counters WHERE over <= ?");
  // Amounts are texts: SQLite's own numbers end at 2^63.
  const load = (key) => {
    const row = find.get(key);
    return row && { start: row.start, used: BigInt(row.used) };
  };
  let nextSweep = 0;

  return {
    reserve(requests, now) {
      moment(now);
      return transaction(db, () => {
        if (now >= nextSweep) {
          nextSweep = now + SWEEP_EVERY;
          if (forget.run(now).changes > 0) advance.run(now);
        }
        const { outcome, changed } = reserve(requests, now, clock.get().floor, load);
        for (const [key, { start, used, window }] of changed) keep.run(key, start, endOf(window, start), String(used));
        return outcome;
      });
    },
    giveBack(taken) {
      transaction(db, () => {
        for (const one of taken) {
          const left = without(load(one.key), one);
          if (left) change.run(String(left.used), one.key);
        }
      });
    },
    close() {
      db.close();
    },
  };
}

/** Does it all, or nothing, with no other process in between. */
function transaction(db, work) {
  db.exec("BEGIN IMMEDIATE");
  let done;
  try {
    done = work();
    db.exec("COMMIT");
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
  return done;
}

/** Does what fails at once, without waiting, while another process does the same. */
async function patiently(work) {
  for (const end = Date.now() + PATIENCE; ;) {
    try {
      return work();
    } catch (error) {
      if (!/locked|busy/i.test(error.message) || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function sqlite() {
  try {
    return (await import("node:sqlite")).DatabaseSync;
  } catch {
    // Older than that.
  }
  try {
    return (await import("libsql")).default;
  } catch (error) {
    throw new Error("counters in a file need node 22.13 or newer, or the package libsql beside cattlegrid", {
      cause: error,
    });
  }
}
