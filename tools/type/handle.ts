// The numbers that programs keep, as TypeScript sees them. A brand is a field that no number has: it only keeps numbers of one kind apart from
// those of another and from all the rest, in every bundle alike.

import { Misuse } from "../../src/error";

/** A live block of a pool. What alloc() gives is `Handle | 0`: look at it before use. Where a number from elsewhere is to become a handle again, has(n) does it. */
export type Handle = number & { readonly " handle": "pool" };

/** A live slot of a slab. No pool takes it. */
export type Slot = number & { readonly " handle": "slab" };

/** A record of a collector, with the fields `F`. Only the collector ends it. */
export type Item<F = any> = number & { readonly " handle": "record"; readonly " fields"?: F };

/** What is thrown when a call is misused, a store fails or a pool cannot be made: look at `code`. */
export interface HeapError extends Error {
  code: Misuse;
}
