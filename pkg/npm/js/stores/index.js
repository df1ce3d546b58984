export { memoryStore } from "./memory.js";
export { connectRedis, redisStore } from "./redis.js";
