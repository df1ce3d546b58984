// Loaded before the demo server (`node --import`): that server listens on every interface of the machine,
// and what stands behind a filter must be reached through the filter only.
import { Server } from "node:net";

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, Number(port), "127.0.0.1", ...rest);
};
