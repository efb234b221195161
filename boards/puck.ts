import type { Board } from "./board";

/** Puck.js: nRF52832. */
export const puck: Board = {
  title: "Puck.js",
  name: "PUCKJS",
  vars: 2630,
  varBytes: 13,
  ramBytes: 64 * 1024,
  clockHz: 64e6,
  // pads at the edge that nothing else uses
  spi: [{ name: "SPI1", sck: "D1", miso: "D2", mosi: "D30", free: true }],
  storageBytes: 40 * 1024,
  storageAt: 108 * 4096,
  pins: "D0-D31",
  alias: { LED1: "D5", LED2: "D4", LED3: "D3", BTN: "D0", BTN1: "D0" },
  eventBytes: 64
};
