import { Heap, type Trace } from "../trace";
import { LOOKS, look, nothing, type Result } from "./measure";

/** Kinds of events that are no step of a program. */
const REMARKS = "MWYO";

/** What came of the program when it was recorded, as the trace tells. */
export function recorded({ head, events }: Trace): Result {
  const heap = new Heap(head);
  const result = nothing(head.size, head.handles, head.unit || 1, head.meta);
  const every = Math.max(1, Math.floor(events.filter(({ kind }) => !REMARKS.includes(kind)).length / LOOKS));
  let steps = 0;
  let call = "";
  for (const event of events) {
    const { kind, text, n } = event;
    heap.take(event);
    result.peak = Math.max(result.peak, heap.used);
    result.blocks = Math.max(result.blocks, heap.blocks.size);
    if (kind === "R" || kind === "Q") result.refused[Object.hasOwn(result.refused, text) ? text : "FULL"]++;
    if (kind === "Y" || kind === "W") {
      const tick = kind === "W" || call === "K";
      if ("ARZQ".includes(call) && kind === "Y") result.waits++;
      if (tick) result.longestTick = Math.max(result.longestTick, n[0]);
      else result.longestCall = Math.max(result.longestCall, n[0]);
      // reset() counts as one byte
      result.moved += n[0] - (call === "C" && kind === "Y" ? 1 : 0);
    }
    if (REMARKS.includes(kind)) continue;
    if (!"TD".includes(kind)) call = kind;
    if (++steps % every === 0) look(result, heap.blocks.values());
  }
  look(result, heap.blocks.values());
  return result;
}
