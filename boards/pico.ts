import type { Board } from "./board";

/** Espruino Pico, revisions 1.3 and 1.4: STM32F401CDU6. */
export const pico: Board = {
  title: "Espruino Pico",
  name: "PICO_R1_3",
  vars: 5100,
  varBytes: 13,
  ramBytes: 96 * 1024,
  clockHz: 84e6,
  spi: [
    { name: "SPI1", sck: "A5", miso: "A6", mosi: "A7" },
    { name: "SPI2", sck: "B13", miso: "B14", mosi: "B15" },
    { name: "SPI3", sck: "B3", miso: "B4", mosi: "B5" }
  ],
  storageBytes: 48 * 1024,
  pins: "A0-A15 B0-B10 B12-B15 C13-C15 H0-H1",
  alias: { LED1: "B2", LED2: "B12", BTN: "C13", BTN1: "C13" },
  eventBytes: 64
};
