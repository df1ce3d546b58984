// Counters in Redis (6 or newer), so that several processes share them. All limits of a call are reserved
// by one script, which Redis runs alone.
//
// Redis' Lua knows no integers but those of doubles, so that an amount of 30 digits is two numbers of 15.

import { moment } from "./count.js";

/** Milliseconds in which Redis has to answer. */
const PATIENCE = 2000;
/**
 * Clocks may be as far behind the latest one, in milliseconds, and still count in windows of their own. A
 * counter is kept for as long when its window is over, so that none that was forgotten is counted in again.
 */
const BEHIND = 3_600_000;

const AMOUNTS = `
local LIMB = 1e15
local function limbs(text)
  text = string.rep("0", 30 - #text) .. text
  return tonumber(string.sub(text, 1, 15)), tonumber(string.sub(text, 16))
end
local function text(high, low) return string.format("%015.0f%015.0f", high, low) end
local function load(key)
  local start, used = string.match(redis.call("GET", key) or "", "^(%d+) (%d+)$")
  return tonumber(start), used
end
`;

// Beside the counters there is the latest time of a caller, and when by Redis' own clock that was: a counter
// expires by that clock, and whoever asks an hour or more behind the latest caller counts with them.
const RESERVE = `${AMOUNTS}
local now, behind = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local here = time[1] * 1000 + math.floor(time[2] / 1000)
local seen, at = string.match(redis.call("GET", KEYS[1]) or "", "^(%d+) (%d+)$")
local latest = seen and tonumber(seen) + math.max(0, here - tonumber(at)) or 0
if now > latest then
  redis.call("SET", KEYS[1], string.format("%.0f %.0f", now, here))
end
now = math.max(now, latest - behind)

local answer, counted, refused = { -1 }, {}, false
for i = 2, #KEYS do
  local key, window = KEYS[i], tonumber(ARGV[3 * i - 3]) * 1000
  local start, used = load(key)
  local first = now - now % window
  if not start or start < first then start, used = first, text(0, 0) end
  answer[#answer + 1] = string.format("%.0f", start)
  answer[#answer + 1] = used
  if not refused then
    local high, low = limbs((counted[key] or { used = used }).used)
    local more_high, more_low = limbs(ARGV[3 * i - 1])
    high, low = high + more_high, low + more_low
    if low >= LIMB then high, low = high + 1, low - LIMB end
    local most_high, most_low = limbs(ARGV[3 * i - 2])
    local fits = high < LIMB and (high < most_high or (high == most_high and low <= most_low))
    if not fits then
      refused = true
      answer[1] = i - 2
    elseif more_high > 0 or more_low > 0 then
      counted[key] = { start = start, used = text(high, low), left = start + window - now }
    end
  end
end
if not refused then
  for key, count in pairs(counted) do
    local value = string.format("%.0f %s", count.start, count.used)
    redis.call("SET", key, value, "PX", string.format("%.0f", count.left + behind))
  end
end
return answer
`;

const GIVE_BACK = `${AMOUNTS}
for i, key in ipairs(KEYS) do
  local start, used = load(key)
  if start and start == tonumber(ARGV[2 * i - 1]) then
    local high, low = limbs(used)
    local less_high, less_low = limbs(ARGV[2 * i])
    high, low = high - less_high, low - less_low
    if low < 0 then high, low = high - 1, low + LIMB end
    if high < 0 then high, low = 0, 0 end
    redis.call("SET", key, string.format("%.0f %s", start, text(high, low)), "KEEPTTL")
  end
end
return 0
`;

export function redisStore(send, { prefix = "{cattlegrid}:", patience = PATIENCE, close = () => {} } = {}) {
  const run = (script, keys, args) => {
    const asked = send(["EVAL", script, String(keys.length), ...keys.map((key) => prefix + key), ...args.map(String)]);
    return inTime(asked, patience);
  };
  return {
    async reserve(requests, now) {
      moment(now);
      const keys = ["clock", ...requests.map(({ key }) => key)];
      const args = requests.flatMap(({ window, max, amount }) => [window, max, amount]);
      const [refused, ...seen] = await run(RESERVE, keys, [now, BEHIND, ...args]);
      const counts = requests.map((_, at) => ({ start: Number(seen[2 * at]), used: String(BigInt(seen[2 * at + 1])) }));
      return Number(refused) < 0 ? { counts } : { refused: Number(refused), counts };
    },
    async giveBack(taken) {
      if (taken.length === 0) return;
      const args = taken.flatMap(({ start, amount }) => [start, amount]);
      await run(
        GIVE_BACK,
        taken.map(({ key }) => key),
        args,
      );
    },
    close,
  };
}

/** The store in the Redis at this address, through the package `redis`. */
export async function connectRedis(url, options) {
  let redis;
  try {
    redis = await import("redis");
  } catch (error) {
    throw new Error("counters in redis need the package redis beside cattlegrid", { cause: error });
  }
  // What cannot be sent fails at once: a call that waits here would be counted when nobody waits any more.
  const client = redis.createClient({ url, disableOfflineQueue: true });
  // It connects again by itself; until then each call says what is wrong.
  client.on("error", () => {});
  await inTime(client.connect(), options?.patience ?? PATIENCE).catch((error) => {
    client.destroy();
    throw new Error(`redis cannot be reached: ${error.message}`, { cause: error });
  });
  return redisStore((words) => client.sendCommand(words), { ...options, close: () => client.destroy() });
}

function inTime(promise, patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("redis does not answer")), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
