// Answers lines of numbers from 0 to 255 on a serial port with a report. What a request needs lives in a scope and is gone when it ends, whatever
// happens; the text it hands out is for others to free. They forget it: "leaks" shows who is left, the quota ends it, "end" frees all.
// Wiring (Espruino WiFi): B7 to TX and B6 to RX of a terminal with 115200 baud, GND to GND.
// espruino -p /dev/ttyACM0 --storage tidyheap:dist/tidyheap-core.min.js --storage tidyheap-kit:dist/tidyheap-kit.min.js examples/report.js
var kit = require("tidyheap-kit");
var pool = kit.global(require("tidyheap")); // half of the memory that is left
var input = kit.deque(pool);
var desk = kit.owner(pool, 500); // bytes for all that belongs to requests

// the middle one of the numbers that were counted
function median(counts, n) {
  var value = -1;
  for (n = (n + 1) >> 1; n > 0; n -= counts[value]) value++;
  return value;
}

// a block with the text, 0 when there is no memory for it
function report(numbers) {
  return kit.scope(desk, function (request) {
    var block = request.alloc(256);
    var counts, text, result;
    if (block) {
      pool.fill(block, 0, 0, 256);
      // locked: its view is good until unlock(), or until the scope ends because something throws
      counts = kit.guard(request, block);
      numbers.forEach(function (number) {
        counts.view[number & 255]++;
      });
      text = numbers.length + " numbers, median " + median(counts.view, numbers.length);
      counts.unlock();
      result = request.alloc(text.length);
      if (result) pool.write(result, 0, text);
    }
    return result ? request.keep(result) : 0;
  });
}

function answer(line) {
  var result;
  if (line === "end") {
    desk.close();
    print(desk.used() + " bytes in use");
  } else if (line === "leaks") {
    desk.leaks().forEach(function (leak) {
      print(leak.size + " bytes, " + Math.round(leak.age / 1000) + " s old: " + E.toString(pool.read(leak.handle, 0, leak.size)));
    });
  } else {
    result = report(line.split(" "));
    // here is the leak: nobody frees the result
    print(result ? E.toString(pool.read(result, 0, pool.size(result))) : "refused: " + desk.why);
  }
}

Serial1.setup(115200, { rx: B7, tx: B6 });
Serial1.on("data", function (data) {
  input.append(data);
  for (var line = input.readLine(); line !== undefined; line = input.readLine()) answer(line);
});
pool.start(30, 384);
