import type { Board } from "./board";

/** Bangle.js 2: nRF52840. Nothing is led out: the SPI pins are those of its 8 MB flash, which is selected by D14. */
export const bangle2: Board = {
  title: "Bangle.js 2",
  name: "BANGLEJS2",
  vars: 12000,
  varBytes: 14,
  ramBytes: 256 * 1024,
  clockHz: 64e6,
  spi: [{ name: "SPI1", sck: "D16", miso: "D13", mosi: "D15", free: true }],
  storageBytes: 8192 * 1024,
  pins: "D0-D47",
  alias: { BTN: "D17", BTN1: "D17" },
  eventBytes: 134
};
