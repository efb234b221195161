import type { Board } from "./board";

/** ESP32. D6 to D11 belong to the flash chip. */
export const esp32: Board = {
  title: "ESP32",
  name: "ESP32",
  vars: 16383,
  varBytes: 14,
  ramBytes: 512 * 1024,
  clockHz: 240e6,
  spi: [
    { name: "SPI1", sck: "D14", miso: "D12", mosi: "D13" },
    { name: "SPI2", sck: "D18", miso: "D19", mosi: "D23" }
  ],
  storageBytes: 896 * 1024,
  baud: 115200,
  pins: "D0-D39",
  alias: { LED1: "D2", BTN: "D0", BTN1: "D0" },
  eventBytes: 64
};
