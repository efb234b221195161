import type { Board } from "./board";

/** Espruino WiFi: STM32F411. A2, A3, A13, A14 and A15 lead to its ESP8266. */
export const wifi: Board = {
  title: "Espruino WiFi",
  name: "ESPRUINOWIFI",
  vars: 8190,
  varBytes: 13,
  ramBytes: 128 * 1024,
  clockHz: 100e6,
  spi: [
    { name: "SPI1", sck: "A5", miso: "A6", mosi: "A7" },
    { name: "SPI2", sck: "B13", miso: "B14", mosi: "B15" },
    { name: "SPI3", sck: "B3", miso: "B4", mosi: "B5" }
  ],
  storageBytes: 64 * 1024,
  pins: "A0-A15 B0-B10 B12-B15 C13-C15 H0-H1",
  alias: { LED1: "B2", LED2: "B12", BTN: "C13", BTN1: "C13" },
  eventBytes: 64
};
