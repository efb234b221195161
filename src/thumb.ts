// Block copies in machine code, for boards with a Cortex-M processor: a store for create({ store }).
//
// On Espruino a copy through views takes 63,000 processor instructions for 64 bytes and 184,000 for 1 KB, upwards 84,000 and
// 551,000. This one takes about 53,000 around it, and in it 0.9 cycles a byte, upwards 2.0; 10 and 8 where not aligned.

import { ram as portable, Store } from "./store";

declare var E: {
  getAddressOf(array: Uint8Array, flat: boolean): number;
  nativeCall?(offset: number, signature: string, code: string): (to: number, from: number, n: number) => void;
  toString(array: Uint8Array): string | undefined;
};
declare var process: { env: { BOARD: string } } | undefined;

/**
 * memmove(r0: to, r1: from, r2: bytes) in 16-bit Thumb instructions of ARMv6-M (ARM DDI 0419), which all Cortex-M execute;
 * position independent, 12 bytes of stack. Words where all three are multiples of 4, else bytes.
 */
export var CODE = [
  0x4288, // cmp r0,r1
  0xd219, // bhs up
  0x0003, // movs r3,r0
  0x430b, // orrs r3,r1
  0x4313, // orrs r3,r2
  0x079b, // lsls r3,r3,#30
  0xd10c, // bne down1
  0xb470, // push {r4-r6}
  0x3a10, // down16: subs r2,#16
  0xd302, // blo rest
  0xc978, // ldmia r1!,{r3-r6}
  0xc078, // stmia r0!,{r3-r6}
  0xe7fa, // b down16
  0x3210, // rest: adds r2,#16
  0xbc70, // pop {r4-r6}
  0x3a04, // down4: subs r2,#4
  0xd309, // blo done
  0xc908, // ldmia r1!,{r3}
  0xc008, // stmia r0!,{r3}
  0xe7fa, // b down4
  0x3a01, // down1: subs r2,#1
  0xd304, // blo done
  0x780b, // ldrb r3,[r1]
  0x7003, // strb r3,[r0]
  0x3101, // adds r1,#1
  0x3001, // adds r0,#1
  0xe7f8, // b down1
  0x4770, // done: bx lr
  0x0003, // up: movs r3,r0
  0x430b, // orrs r3,r1
  0x4313, // orrs r3,r2
  0x079b, // lsls r3,r3,#30
  0xd104, // bne up1
  0x3a04, // up4: subs r2,#4
  0xd3f7, // blo done
  0x588b, // ldr r3,[r1,r2]
  0x5083, // str r3,[r0,r2]
  0xe7fa, // b up4
  0x3a01, // up1: subs r2,#1
  0xd3f2, // blo done
  0x5c8b, // ldrb r3,[r1,r2]
  0x5483, // strb r3,[r0,r2]
  0xe7fa, // b up1
];

/**
 * As the store that create() makes itself, but its copies are machine code where the board can run it: E.nativeCall is
 * there, and the bytes lie in the SRAM of a Cortex-M (0x20000000 to 0x2fffffff; Espruino's other chips have theirs above).
 * Throws MEMORY.
 */
export function ram(size: number): Store {
  var store = portable(size);
  var bytes = store.bytes!;
  if (typeof process === "undefined" || !process.env || process.env.BOARD === "LINUX" || typeof E === "undefined" || !E.nativeCall) return store;
  if (E.getAddressOf(bytes, true) >>> 28 !== 2) return store;
  var code = new Uint8Array(2 * CODE.length);
  for (var i = 0; i < code.length; i++) code[i] = CODE[i >> 1] >> (i & 1 ? 8 : 0);
  var text = E.toString(code);
  if (!text) return store;
  // bit 0 of the offset: Thumb
  var copy = E.nativeCall(1, "void (int,int,int)", text);
  store.move = function (to, from, n) {
    // asked each time, because E.defrag() moves arrays
    var base = E.getAddressOf(bytes, true);
    copy(base + to, base + from, n);
  };
  return store;
}
