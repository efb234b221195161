// Remembers which Bluetooth devices were near, and of each the last sightings: a list of records, each with a list of others that know their
// device and each other, cycles everywhere. Nobody frees a record: the collector takes what no root leads to while the board is idle.
// Wiring (micro:bit 2): none.
// espruino -p /dev/ttyACM0 --storage tidyheap:dist/tidyheap-core.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js examples/list.js
var kit = require("tidyheap-kit");
var pool = require("tidyheap").create({ size: 26624, handles: 554 });
var device = kit.struct({ name: "latin1:24", next: "handle", newest: "handle" });
var sighting = kit.struct({ time: "u32", strength: "i8", device: "handle", older: "handle", newer: "handle" });
var records = kit.collector(pool);
var first = 0; // root "devices"
var KEPT = 5; // sightings of a device
var GONE = 30; // seconds without a sighting

function begin(h) {
  records.root("devices", (first = h));
}

// a new record; where there is no room, all garbage goes at once
function create(type, values) {
  var h = records.alloc(type, values);
  if (h) return h;
  while (records.collect(100));
  return records.alloc(type, values);
}

function seen(found) {
  var h = first;
  var older, one;
  while (h && records.get(h, "name") !== found.id) h = records.get(h, "next");
  if (!h && (h = create(device, { name: found.id, next: first }))) begin(h), print(found.id + " is here");
  older = h && records.get(h, "newest");
  one = h && create(sighting, { time: Math.floor(getTime()), strength: found.rssi, device: h, older: older });
  if (one) {
    if (older) records.set(older, "newer", one);
    records.set(h, "newest", one);
    for (var n = 1; one && n < KEPT; n++) one = records.get(one, "older");
    // what is older than the last one kept is out of reach from here on
    if (one) records.set(one, "older", 0);
  }
}

// takes devices that are gone out of the list
function look() {
  var before = 0;
  var next, last;
  for (var h = first; h; h = next) {
    next = records.get(h, "next");
    last = records.get(h, "newest");
    if (last && getTime() - records.get(last, "time") < GONE) before = h;
    else print(records.get(h, "name") + " is gone"), before ? records.set(before, "next", next) : begin(next);
  }
  print(records.live + " records");
}

NRF.setScan(seen);
setInterval(look, 10000);
// a step of the collector with each tick
kit.idle(pool, { ms: 40, budget: 192, also: function () { return records.collect(1); } }).start();
