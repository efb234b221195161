import type { Board } from "./board";

/** Pixl.js: nRF52832 behind an Arduino header. */
export const pixl: Board = {
  title: "Pixl.js",
  name: "PIXLJS",
  vars: 2950,
  varBytes: 13,
  ramBytes: 64 * 1024,
  clockHz: 64e6,
  // where an Arduino shield expects them
  spi: [{ name: "SPI1", sck: "D13", miso: "D12", mosi: "D11", free: true }],
  storageBytes: 36 * 1024,
  storageAt: 109 * 4096,
  pins: "D0-D13 A0-A5 H0-H9",
  alias: { LED1: "H0", BTN: "H1", BTN1: "H1", BTN2: "H2", BTN3: "H3", BTN4: "H4" },
  eventBytes: 64
};
