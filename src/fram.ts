// The pool that outlives power, on FRAM and MRAM.

import { methods } from "./far";
import * as disk from "./mount";
import { Options } from "./option";
import { Store } from "./store";
import { Far } from "./table";

export { create } from "./far";

/**
 * An empty persistent pool in `options.store`, or in its first `size` bytes: what was there is lost. Options as for create(), and `journal`: up to so
 * many bytes less 9 are written at once without room elsewhere in the pool (default 128, 64 to 65,535), and `id` (default 0): pools with different ids refuse
 * each other's handles. `unit` is at least 16, the default. Throws OPTION, and what the store throws. A power cut leaves no pool, or an empty one. Cost: a
 * write of 2 or 3 bytes a handle.
 */
export function format(options: Options & { journal?: number; id?: number }): Far & typeof methods {
  return disk.format(methods, options) as Far & typeof methods;
}

/**
 * The persistent pool on a store, its blocks, their content and their handles as they were when power went: a call that was cut off has done
 * everything or nothing. Locks and holds are gone. `options` as for create(); size, handles, unit and generations are the pool's own. Throws IMAGE
 * (there is no pool), VERSION (one of a later version), DAMAGED (see repair), OPTION, and what the store throws. Cost: a read of 12 bytes for each
 * block and hole and of 2 or 3 a handle; a slide that was cut off is finished.
 */
export function mount(store: Store, options?: Options): Far & typeof methods {
  return disk.mount(methods, store, options) as Far & typeof methods;
}

/**
 * Mends the pool on a store so that mount() takes it: blocks and holes with a sound header stay, what is between them becomes free. Returns how
 * many blocks were kept, how many bytes were lost, and what was wrong. Throws IMAGE (no root, and no copy of it at the end of the store), VERSION,
 * DAMAGED (generations that cannot be). Content is not checked: a wrong byte in a block stays. Cost: as mount().
 */
export function repair(store: Store): disk.Repair {
  return disk.repair(methods, store);
}
