// The script of the live page: what the buttons do and where the numbers go.

import { count, number } from "../number";
import { Chart } from "../picture/chart";
import { make } from "../picture/element";
import { History } from "../picture/history";
import type { Piece } from "../trace";
import { BluetoothLink, type Radio } from "./bluetooth";
import { counters } from "./counter";
import { Curve } from "./curve";
import type { Link } from "./link";
import { type Facts, type Sample } from "./pool";
import { SerialLink, type Ports } from "./serial";
import { Session, type State, type Wish } from "./session";
import { Strip } from "./strip";

const KEPT = 200; // lines of the console
const DRAW_MS = 250; // from one drawing of a growing picture to the next
const REST = 3; // times as long as a drawing took nothing is drawn

const NO_SERIAL = "This browser has no Web Serial. Chrome, Edge and Opera on a computer have it; Safari has not, nor has Firefox unless a newer one says so.";
const NO_BLUETOOTH =
  "This browser has no Web Bluetooth. Chrome and Edge have it on computers and Android (on Linux once chrome://flags/#enable-web-bluetooth is switched on); Firefox and Safari have not.";
const INSECURE = "The browser keeps boards from this page because its address is not safe: open it from https, or from 127.0.0.1 as npm run live does.";

function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function button(id: string): HTMLButtonElement {
  return byId<HTMLButtonElement>(id);
}

function field(id: string): HTMLInputElement {
  return byId<HTMLInputElement>(id);
}

/** What of a recording is there. */
class Recorded {
  lines: string[] = [];
  private history: History | undefined;
  private chart: Chart | undefined;
  private timer = 0;
  private took = 0;

  /** Takes a line of a trace: the picture grows. */
  take(piece: Piece): void {
    if (piece.head) this.begin(piece);
    if (!this.history) return;
    this.lines.push(piece.line);
    if (piece.lost) this.history.lose(piece.lost);
    for (const event of piece.events) this.history.take(event);
    if (piece.end) this.history.end = piece.end;
    this.timer ||= window.setTimeout(() => this.draw(), Math.max(DRAW_MS, REST * this.took));
  }

  private begin(piece: Piece): void {
    this.lines = [];
    this.history = new History(piece.head!);
    byId("picture").hidden = false;
    if (this.chart) this.chart.show(this.history);
    else this.chart = new Chart(byId("chart"), this.history);
  }

  private draw(): void {
    this.timer = 0;
    const from = performance.now();
    this.chart!.changed();
    this.took = performance.now() - from;
    const { history } = this;
    const doubts = history!.doubts();
    byId("recorded").textContent = `${count(history!.ops - 1, "operation")} in ${count(this.lines.length, "line")}, ${number(this.lines.reduce((sum, line) => sum + line.length + 1, 0))} bytes.${doubts.length ? ` Not all of this is certain. ${doubts.join(" ")}` : ""}`;
    button("save").disabled = false;
  }
}

/** The page. */
class Page {
  private readonly session: Session;
  private readonly strip = new Strip(byId("map"));
  private readonly curve = new Curve(byId("curve"));
  private readonly recorded = new Recorded();
  private found: Facts | undefined;
  private readonly from = performance.now();

  constructor() {
    this.session = new Session(
      {
        state: (state, text) => this.state(state, text),
        facts: (facts) => this.facts(facts),
        sample: (sample, ms, bytes) => this.sample(sample, ms, bytes),
        printed: (line) => this.printed(line),
        recorded: (piece) => {
          this.recorded.take(piece);
          this.buttons();
        }
      },
      this.wish()
    );
    this.listen();
    this.buttons();
    const { serial, bluetooth } = navigator as unknown as { serial?: Ports; bluetooth?: Radio };
    if (!serial && !bluetooth) this.say(isSecureContext ? `${NO_SERIAL} ${NO_BLUETOOTH}` : INSECURE);
  }

  private wish(): Wish {
    const seconds = Number(field("interval").value);
    return {
      name: field("name").value.trim(),
      interval: 1000 * (seconds >= 0.1 && seconds <= 3600 ? seconds : 1),
      columns: Number(byId<HTMLSelectElement>("columns").value),
      list: field("list").checked
    };
  }

  private listen(): void {
    const { serial, bluetooth } = navigator as unknown as { serial?: Ports; bluetooth?: Radio };
    const connect = (api: unknown, none: string, link: () => Link) => {
      if (!api) return this.say(isSecureContext ? none : INSECURE);
      this.curve.clear();
      void this.session.connect(link()).then(() => this.buttons());
    };
    const baud = () => Number(byId<HTMLSelectElement>("baud").value);
    button("serial").addEventListener("click", () => connect(serial, NO_SERIAL, () => new SerialLink(serial!, baud())));
    button("bluetooth").addEventListener("click", () => connect(bluetooth, NO_BLUETOOTH, () => new BluetoothLink(bluetooth!)));
    button("disconnect").addEventListener("click", () => void this.session.disconnect().then(() => this.buttons()));
    button("pause").addEventListener("click", () => (this.session.pause(), this.buttons()));
    button("record").addEventListener("click", () => void this.act(this.session.record()));
    button("stop").addEventListener("click", () => void this.act(this.session.stop()));
    button("save").addEventListener("click", () => this.save());
    for (const id of ["name", "interval", "columns", "list"]) byId(id).addEventListener("change", () => this.session.change(this.wish()));
    byId("settings").addEventListener("submit", (event) => event.preventDefault());
  }

  private async act(run: Promise<void>): Promise<void> {
    const said = await run.then(() => "", (error: Error) => error.message);
    byId("recording").textContent = said;
    this.buttons();
  }

  private say(text: string): void {
    const status = byId("status");
    if (status.textContent !== text) status.textContent = text;
  }

  private state(state: State, text: string): void {
    byId("status").dataset.state = state;
    this.say(text);
    this.buttons();
  }

  private buttons(): void {
    const { session } = this;
    const on = session.connected;
    button("disconnect").disabled = !on && byId("status").dataset.state !== "trouble";
    button("pause").disabled = !on;
    button("pause").textContent = session.paused ? "Go on" : "Pause";
    const { found } = session;
    button("record").disabled = !found || session.recording || !found.records;
    button("stop").disabled = !found || found.trace !== "recorder";
    if (found) byId("recordable").textContent = found.records ? "" : "This board has no module tidyheap-record: with it in Storage the page can record every call and draw blocks over time.";
  }

  private facts(facts: Facts): void {
    this.found = facts;
    this.curve.clear();
    byId("numbers").hidden = false;
    const { size, handles, unit, meta } = facts.stat;
    byId("pool").textContent = `${facts.name}: ${number(size)} bytes in units of ${unit ?? 1}, ${number(handles)} handles, ${number(meta)} bytes of bookkeeping.`;
    field("list").disabled = facts.map || !facts.each;
    byId("listing").hidden = facts.map || !facts.each;
  }

  private sample({ counters: values, map, listed }: Sample, ms: number, bytes: number): void {
    const found = this.found!;
    byId("about").textContent = about(found, map, listed, this.session.wish.columns);
    byId("strip").hidden = !map;
    this.strip.show(map);
    const list = byId("counters");
    const all = counters(found, values);
    if (list.children.length !== 2 * all.length) list.replaceChildren(...all.flatMap(({ name, title }) => [make("dt", {}, title), make("dd", { "data-name": name })]));
    for (const { name, text } of all) list.querySelector(`[data-name="${name}"]`)!.textContent = text;
    this.curve.add(performance.now() - this.from, values, found.stat.size);
    byId("reach").textContent = this.curve.reach;
    const { spoiled, answers, wish } = this.session;
    byId("cost").textContent =
      `The last answer took ${number(ms)} ms, with the line, and ${number(bytes)} bytes. Asked every ${number(wish.interval / 1000)} s, but never more than a fifth of the time. ` +
      `${count(answers, "answer")} so far${spoiled ? `, ${number(spoiled)} spoiled` : ""}.`;
    document.body.dataset.answers = String(answers);
  }

  private printed(line: string): void {
    const log = byId("console");
    const text = decode(line);
    const follow = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
    log.append(`${text}\n`);
    while (log.childNodes.length > KEPT) log.firstChild!.remove();
    if (follow) log.scrollTop = log.scrollHeight;
  }

  private save(): void {
    const url = URL.createObjectURL(new Blob([`${this.recorded.lines.join("\n")}\n`], { type: "text/plain" }));
    const name = `${(this.found?.name ?? "pool").replace(/\W+/g, "-")}-${new Date().toISOString().slice(0, 19).replace(/\D/g, "")}.trace`;
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    byId("recording").textContent = `Saved as ${name}. npm run picture -- ${name} -o memory.html draws it, npm run replay -- ${name} tries other pools.`;
  }
}

/** What is to be known of a map, or why there is none. */
function about({ map: has, each, near }: Facts, map: string, listed: boolean, columns: number): string {
  if (listed) return "Made from a list of the blocks (each()): locks are not in it.";
  if (map || (has && !columns)) return "";
  if (each) return "This kind of pool has no map(): counters only. Its blocks can be listed, see above.";
  return `This kind of pool has no map() and no each(): counters only.${near ? " The full flavour, tidyheap.min.js, has them." : ""}`;
}

/** A line of bytes as text: UTF-8 where it is that. */
function decode(line: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(line, (letter) => letter.charCodeAt(0)));
  } catch {
    return line;
  }
}

new Page();
