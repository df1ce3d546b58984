// A registry that has the packed package and nothing else, for the clients that install by a name.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

/** Serves the tarball of a package with this manifest; its address, and how to end it. */
export async function registryOf(manifest, tarball) {
  const { name, version } = manifest;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://registry");
    if (pathname === `/${name}.tgz`) return response.end(tarball);
    if (pathname !== `/${name}`) return response.writeHead(404).end("{}");
    const dist = {
      tarball: `${address}/${name}.tgz`,
      shasum: createHash("sha1").update(tarball).digest("hex"),
      integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
    };
    const versions = { [version]: { ...manifest, dist } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${server.address().port}`;
  return { address, close: () => server.closeAllConnections() ?? server.close() };
}
