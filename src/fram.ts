// The pool that outlives power, on FRAM and MRAM.

import { methods } from "./far";
import * as disk from "./mount";
import { Options } from "./option";
import { Store } from "./store";
import { Far } from "./table";

export { create } from "./far";

/**
 * An empty persistent pool in `options.store`, or in its first `size` bytes: what was there is lost. Options as for create(), and `journal`: up to so
 * many bytes less 9 are written at once without room elsewhere in the pool (default 128, 64 to 65,535), and `id` (default 0): pools of as many handles
 * (up to the next 2^n - 1) with different ids refuse each other's handles while all of them, other pools included, have at most 4,096. `unit` is at least
 * 16, the default. With `generations: 24` a row has 8,388,606. Throws OPTION, and what the store throws. A power cut before the first byte leaves what
 * was there, one later no pool (IMAGE) or an empty one. Cost: a write of 2 or 3 bytes a handle.
 */
export function format(options: Options & { journal?: number; id?: number }): Far & typeof methods {
  return disk.format(methods, options) as Far & typeof methods;
}

/**
 * The persistent pool on a store, its blocks, their content and their handles as they were when power went: a call that was cut off has done
 * everything or nothing. Locks and holds are gone. `options` as for create(); size, handles, unit and generations are the pool's own. Throws IMAGE
 * (there is no pool), VERSION (one of a later version), DAMAGED (see repair), OPTION, and what the store throws. A call of the pool in which the store
 * throws leaves it refusing changes with TORN; mount() then gives one that goes on, and nothing is lost. Cost: a read of 12 bytes for each
 * block and hole and of 2 or 3 a handle; a slide that was cut off is finished.
 */
export function mount(store: Store, options?: Options): Far & typeof methods {
  return disk.mount(methods, store, options) as Far & typeof methods;
}

/**
 * Mends the pool on a store so that mount() takes it: blocks with a sound header stay, what is between them becomes free. Returns how many blocks
 * were kept, how many bytes were lost, and what was wrong. Throws IMAGE (no root, and no copy of it at the end of the store: there is one if the pool
 * takes all of it), VERSION, DAMAGED (a root that is not sound, and no copy), and what the store throws; it may be cut off and repeated.
 * A block with a wrong header is lost, and one that was sliding with a wrong record of it; a row whose generation is lost and that has no block is used up.
 * Any one wrong byte in root, slide or header is seen, any one wrong bit in a generation and in the states of slide and journal. Two may not be: one
 * byte of a header too large by 1 and the next too small by 31 have the same sum. Content is not checked, nor the change in a journal that is in force. Cost: as mount().
 */
export function repair(store: Store): disk.Repair {
  return disk.repair(methods, store);
}
