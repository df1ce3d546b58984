// A module that has functions only, and no policy in it.

import { loaderOf } from "./load.js";

/**
 * How a module is started.
 *
 * @param glue what wasm-bindgen made for it
 * @param entry the entry that a program imports
 * @param marker an export that no other module has
 */
export function functionsOf(glue, entry, marker) {
  let started = false;
  const start = (module) => {
    glue.initSync({ module });
    started = true;
  };
  return {
    init: loaderOf({ isStarted: () => started, start }, (names) => names.includes(marker)),
    assertStarted() {
      if (!started) throw new Error(`${entry} is not started: await its init first`);
    },
  };
}
