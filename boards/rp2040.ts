import type { Board } from "./board";

/** Raspberry Pi Pico with an RP2040. */
export const rp2040: Board = {
  title: "Raspberry Pi Pico",
  name: "ESPR_RP2040_PICO",
  vars: 12000,
  varBytes: 14,
  ramBytes: 264 * 1024,
  clockHz: 133e6,
  spi: [
    { name: "SPI1", sck: "D18", miso: "D16", mosi: "D19" },
    { name: "SPI2", sck: "D10", miso: "D8", mosi: "D11" }
  ],
  storageBytes: 256 * 1024,
  pins: "D0-D29",
  alias: { LED1: "D25" },
  eventBytes: 64
};
