// Two logs share 200 chunks of a slab: however long they get, what one gives back fits the other. Every 10 seconds their chunks move to a third
// buffer without being copied, and leave it in packets of 20 bytes.
// Wiring (micro:bit 2): D1 to RX of the receiver, GND to GND.
// espruino -p /dev/ttyACM0 --storage tidyheap:dist/tidyheap-core.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js examples/log.js
var kit = require("tidyheap-kit");
var pool = require("tidyheap").create({ size: 26624, handles: 554 });

var CHUNK = 64; // bytes
var PACKET = 20;
var chunks = kit.slab(pool, { size: CHUNK, slots: 200 });
var buttons = kit.buffer(chunks, { chunk: CHUNK, max: 4096 });
var memory = kit.buffer(chunks, { chunk: CHUNK, max: 4096 });
var outgoing = kit.buffer(chunks, { chunk: CHUNK });
var bytes = 0;
var packets = 0;

function note(log, text) {
  var line = Math.floor(getTime()) + " " + text + "\n";
  // full: the old lines go
  if (!log.append(line)) {
    log.clear();
    log.append(line);
  }
}

function watch(button, name) {
  setWatch(function () {
    note(buttons, name);
  }, button, { repeat: true, edge: "rising", debounce: 25 });
}

watch(BTN1, "button 1");
watch(BTN2, "button 2");
setInterval(function () {
  note(memory, chunks.stat().free + " bytes free");
}, 2000);

setInterval(function () {
  buttons.move(outgoing);
  memory.move(outgoing);
}, 10000);

Serial1.setup(9600, { rx: D0, tx: D1 });
setInterval(function () {
  var packet = outgoing.length ? outgoing.split(Math.min(PACKET, outgoing.length)) : undefined;
  // undefined as well when no chunk is left for it: later then
  if (packet) {
    Serial1.write(packet.toString());
    bytes += packet.length;
    packets++;
    packet.clear();
    if (!outgoing.length) print("sent " + bytes + " bytes in " + packets + " packets, " + chunks.live + " of " + chunks.slots + " chunks in use");
  }
}, 25);
