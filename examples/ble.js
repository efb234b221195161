// Receives text over Bluetooth in packets of up to 20 bytes: a number that counts them, then characters. The radio may come in the middle of
// other code, so its callback only pushes bytes into a queue; the main loop puts the lines together in a buffer and says how many packets are lost.
// Wiring (Puck.js): none. Any app that writes to a characteristic will do, such as nRF Connect.
// espruino -p Puck.js --storage tidyheap:dist/tidyheap-tiny.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js examples/ble.js
var kit = require("tidyheap-kit");
// the tiny pool, because core and kit leave a Puck.js no memory: it moves blocks in alloc only
var pool = require("tidyheap").create({ size: 4096, handles: 85 });

var ROOM = 250;
var END = 10;
var packets = kit.queue(pool, { count: ROOM }); // of each packet how many bytes it has, and its bytes
var message = kit.buffer(pool, { chunk: 64, max: 512 });
var expected = 0;
var received = 0;
var lost = 0;

function receive(event) {
  var data = new Uint8Array(event.data);
  // a whole packet or nothing: its number tells the other side of the queue that it is missing
  if (data.length && data.length < ROOM - packets.waiting()) {
    packets.push(data.length);
    for (var i = 0; i < data.length; i++) packets.push(data[i]);
  }
}

function take(number, text) {
  var missing = (number - expected) & 255;
  expected = (number + 1) & 255;
  received++;
  lost += missing;
  if (missing) message.append("[" + missing + " lost]");
  if (!message.append(text)) message.clear();
  if (text[text.length - 1] === END) {
    print(message.toString().slice(0, -1) + " (" + received + " packets, " + lost + " lost)");
    message.clear();
  }
}

function drain() {
  var rest, number, text;
  while (packets.waiting()) {
    rest = packets.shift() - 1;
    number = packets.shift();
    for (text = []; rest; rest--) text.push(packets.shift());
    take(number, text);
  }
}

NRF.setServices({ 0xbcde: { 0xabcd: { writable: true, maxLen: 20, onWrite: receive } } });
setInterval(drain, 200);
