// JavaScript values as JSON text, for the engine to read: so there is one reading of a call, in
// whatever form it comes. What the values mean is written at `Call` in index.d.ts.

/** Lists and objects within each other. The engine has the same bound; here it ends what contains itself. */
const LEVELS = 128;

/** Why a value has no text, in words. */
export class NotJson extends TypeError {}

/** The text of a value; throws {@link NotJson} if JSON cannot say it, or if it has more units of UTF-16 than `limit`. */
export function jsonOf(value, limit, levels = LEVELS) {
  const writer = new Writer(limit);
  try {
    writer.value(value, levels);
  } catch (thrown) {
    // Getters and proxies can throw whatever they like.
    throw thrown instanceof NotJson ? thrown : new NotJson("it cannot be read", { cause: thrown });
  }
  return writer.text;
}

class Writer {
  text = "";

  constructor(limit) {
    this.limit = limit;
  }

  value(value, levels) {
    // Values can share what they hold, and so be much longer as text than they are in memory.
    if (this.text.length > this.limit) throw new NotJson("it is too large");
    if (typeof value === "string") this.string(value);
    else if (typeof value === "object" && value !== null) this.structure(value, levels);
    else if (typeof value === "boolean" || typeof value === "bigint" || value === null || Number.isFinite(value))
      this.text += value;
    else throw new NotJson(`json has no ${typeof value === "number" ? value : typeof value}`);
  }

  string(value) {
    if (value.length > this.limit) throw new NotJson("it is too large");
    // Half a surrogate pair becomes an escape, and the engine refuses that.
    this.text += JSON.stringify(value);
  }

  structure(value, levels) {
    if (levels === 0) throw new NotJson("lists and objects are nested too deeply");
    if (Array.isArray(value)) this.list(value, levels - 1);
    else if (isPlain(value)) this.object(value, levels - 1);
    else throw new NotJson("json has no instances of classes");
  }

  list(list, levels) {
    const { length } = list;
    this.text += "[";
    for (let at = 0; at < length; at += 1) {
      if (at > 0) this.text += ",";
      this.value(list[at], levels);
    }
    this.text += "]";
  }

  object(object, levels) {
    let separator = "{";
    for (const key of Object.keys(object)) {
      const value = object[key];
      if (value === undefined) continue;
      this.text += separator;
      this.string(key);
      this.text += ":";
      this.value(value, levels);
      separator = ",";
    }
    this.text += separator === "{" ? "{}" : "}";
  }
}

/** Without a prototype, or with the `Object.prototype` of any realm: the one that itself has none. */
function isPlain(object) {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
