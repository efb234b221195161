import { follow } from "./fram-portable";
import { prove } from "./suite";

describe("fram inside an engine", () => {
  prove(["fram"]);

  it("1,000 programs of a few rows are cut off and go on, in Node", function () {
    this.timeout(60000);
    const fram = require("../dist/tidyheap-fram.min.js");
    for (let seed = 1; seed <= 1000; seed++) follow(fram, seed, 20);
  });
});
