import type { Board } from "./board";

/** BBC micro:bit, version 2: nRF52833. */
export const microbit2: Board = {
  title: "micro:bit 2",
  name: "MICROBIT2",
  vars: 6000,
  varBytes: 13,
  ramBytes: 128 * 1024,
  clockHz: 64e6,
  spi: [{ name: "SPI1", sck: "D13", miso: "D14", mosi: "D15", free: true }],
  storageBytes: 40 * 1024,
  storageAt: 108 * 4096,
  pins: "D0-D20 H0-H8 V0",
  alias: { LED1: "V0", BTN: "D5", BTN1: "D5", BTN2: "D11" },
  eventBytes: 64
};
