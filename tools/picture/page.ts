// The script of a page that picture has made: unpacks the trace that is in it and shows it.

import { Chart } from "./chart";
import { make } from "./element";
import { history } from "./history";
import { summary } from "./words";

/** Unpacks what html.ts has packed. Rejects where a browser cannot. */
async function unpack(text: string): Promise<string> {
  if (typeof DecompressionStream === "undefined") throw new Error("This browser cannot unpack the trace (no DecompressionStream): Chrome 103, Firefox 113, Safari 16.4 and later can.");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
}

/** Shows the trace in the page. */
async function show(): Promise<void> {
  const main = document.querySelector("main")!;
  const status = document.querySelector(".status")!;
  try {
    const data = document.getElementById("trace")!;
    const made = history((await unpack(data.textContent!.trim())).split("\n"));
    status.textContent = summary(made).replace(/ %/g, "\u00a0%");
    const doubts = made.doubts();
    if (doubts.length) status.after(make("div", { class: "doubts", role: "alert" }, make("strong", {}, "Not all of this is certain. "), doubts.join(" ")));
    else if (!made.end) status.append(" The recording was not stopped, so its end cannot be compared with what the pool said.");
    new Chart(main, made, data.dataset);
  } catch (error) {
    status.textContent = String((error as Error).message);
    status.setAttribute("role", "alert");
  }
}

void show();
