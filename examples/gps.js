// Logs the positions of a GPS receiver. The bytes of the port wait in a deque until a sentence is complete; with a right checksum it becomes
// a record of 17 bytes in an array, which keeps the newest 600. The button prints them.
// Wiring (Espruino Pico): TX of the receiver to B7, its VCC to 3.3, GND to GND.
// espruino -p /dev/ttyACM0 --storage tidyheap:dist/tidyheap-core.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js examples/gps.js
var kit = require("tidyheap-kit");
var pool = require("tidyheap").create({ size: 20480, handles: 426 });
// time as hhmmss, degrees in millionths, metres, tenths of a knot
var fix = kit.struct({ time: "u32", latitude: "i32", longitude: "i32", altitude: "i16", speed: "u16", satellites: "u8" });
var track = kit.array(pool, fix, 600);
var input = kit.deque(pool, { chunk: 128, max: 1024 });
var fixes = 0;
var damaged = 0;

// the exclusive or of all characters between $ and * stands behind the *
function valid(sentence) {
  var star = sentence.indexOf("*");
  var sum = 0;
  for (var i = 1; i < star; i++) sum ^= sentence.charCodeAt(i);
  return sentence.charAt(0) === "$" && star > 0 && parseInt(sentence.substr(star + 1, 2), 16) === sum;
}

// "4807.038", "N" are 48 degrees and 7.038 minutes
function millionths(text, side) {
  var point = text.indexOf(".") - 2;
  var degrees = parseFloat(text.substr(0, point)) + parseFloat(text.substr(point)) / 60;
  return Math.round((side === "S" || side === "W" ? -1000000 : 1000000) * degrees);
}

function take(sentence) {
  var field = sentence.split(",");
  var kind = field[0].substr(3);
  var time = parseInt(field[1], 10);
  if (!valid(sentence)) damaged++;
  else if (kind === "GGA" && field[6] > 0) {
    track.to(fixes % track.length).set("time", time);
    track.set("latitude", millionths(field[2], field[3]));
    track.set("longitude", millionths(field[4], field[5]));
    track.set("altitude", Math.round(parseFloat(field[9])));
    track.set("speed", 0);
    track.set("satellites", parseInt(field[7], 10));
    print("fix " + ++fixes + ": " + track.get("latitude") / 1000000 + ", " + track.get("longitude") / 1000000);
  } else if (kind === "RMC" && fixes && track.get("time") === time) track.set("speed", Math.round(10 * parseFloat(field[7])));
}

Serial1.setup(9600, { rx: B7, tx: B6 });
Serial1.on("data", function (data) {
  if (!input.append(data)) input.clear(); // 1,024 bytes without an end of line
});
setInterval(function () {
  for (var line = input.readLine(); line !== undefined; line = input.readLine()) take(line);
}, 100);
setWatch(function () {
  for (var i = Math.max(0, fixes - track.length); i < fixes; i++) {
    var one = track.cursor().to(i % track.length);
    print(one.get("time") + "," + one.get("altitude") + " m," + one.get("speed") / 10 + " kn," + one.get("satellites"));
  }
  print(fixes + " fixes, " + damaged + " damaged sentences");
}, BTN, { repeat: true, edge: "rising", debounce: 25 });
kit.idle(pool, { ms: 30, budget: 320 }).start();
