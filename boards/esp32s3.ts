import type { Board } from "./board";

/** ESP32-S3. The chip has no pins 22 to 25. */
export const esp32s3: Board = {
  title: "ESP32-S3",
  name: "ESP32S3_IDF4",
  vars: 16383,
  varBytes: 14,
  ramBytes: 512 * 1024,
  clockHz: 240e6,
  spi: [
    { name: "SPI1", sck: "D12", miso: "D13", mosi: "D11" },
    { name: "SPI2", sck: "D4", miso: "D6", mosi: "D7" }
  ],
  storageBytes: 896 * 1024,
  baud: 115200,
  pins: "D0-D21 D26-D48",
  alias: { LED1: "D2", BTN: "D0", BTN1: "D0" },
  eventBytes: 64
};
