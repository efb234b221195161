// Walks over a map of 768 x 768 characters, more than four times as large as the memory chip that keeps the tiles of 32 x 32 looked at last. When it
// is full, the tile looked at longest ago makes room for the next one. The list and the index of the tiles stay in RAM.
// Wiring (Espruino Pico): 23LC1024 with CS to A4, SO to A6, SI to A7, SCK to A5, WP, HOLD and VCC to 3.3, VSS to GND, 100 nF between VCC and VSS.
// espruino -p /dev/ttyACM0 --storage tidyheap:dist/tidyheap-tiny.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js --storage tidyheap-far:dist/tidyheap-far.min.js --storage tidyheap-spi:dist/tidyheap-spi.min.js examples/tiles.js
var kit = require("tidyheap-kit");
var near = require("tidyheap").create({ size: 6144, handles: 8 });
SPI1.setup({ sck: A5, miso: A6, mosi: A7, baud: 8000000 });
var store = require("tidyheap-spi").connect(SPI1, { cs: A4, chip: "23LC1024", baud: 8000000 });
var pool = require("tidyheap-far").create({ store: store, handles: 160 });

var SIDE = 32; // characters of a tile
var ACROSS = 24; // tiles of the map, each way
var WIDTH = 40; // characters of the window
var HEIGHT = 6;
var NUMBER = SIDE * SIDE; // where a tile has its number, behind the characters
var loaded = 0;
var evicted = 0;
var index = kit.array(near, "handle", ACROSS * ACROSS);
var tiles = kit.pressure(pool, { onpurge: function (h) { index.set(pool.get16(h, NUMBER), 0), evicted++; } }, near);

// a row of the map; from a card or a server in a larger program
function row(x, y) {
  for (var text = ""; text.length < SIDE; x++) text += "~.,:^".charAt(((x >> 2) * (y >> 1)) % 5);
  return text;
}

// the tile with a place of the map, loaded if need be
function look(x, y) {
  var number = Math.floor(y / SIDE) * ACROSS + Math.floor(x / SIDE);
  var h = index.get(number);
  if (!h && (h = tiles.alloc(NUMBER + 2))) {
    for (var i = 0; i < SIDE; i++) pool.write(h, i * SIDE, row(x - (x % SIDE), y - (y % SIDE) + i));
    pool.set16(h, NUMBER, number);
    index.set(number, h);
    loaded++;
  }
  if (h) tiles.touch(h);
  return h;
}

// prints the window with its upper left corner there
function draw(left, top) {
  var lines = [];
  var y, h;
  for (var x = left, n; x < left + WIDTH; x += n) {
    n = Math.min(left + WIDTH - x, SIDE - (x % SIDE));
    for (y = top; y < top + HEIGHT; y++) {
      if (y === top || y % SIDE === 0) h = look(x, y);
      lines[y - top] = (lines[y - top] || "") + E.toString(pool.read(h, (y % SIDE) * SIDE + (x % SIDE), n));
    }
  }
  print("at " + left + "," + top + ": " + loaded + " tiles loaded, " + evicted + " evicted\n" + lines.join("\n"));
}

var step = 0;
setInterval(function () {
  draw((step * 37) % (SIDE * ACROSS - WIDTH), (step * 23) % (SIDE * ACROSS - HEIGHT));
  step++;
}, 1000);
