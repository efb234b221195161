import type { Board } from "./board";

/** STM32F4 Discovery: STM32F407VGT6. SPI1 also leads to the accelerometer, which is selected by E3. */
export const stm32f4: Board = {
  title: "STM32F4 Discovery",
  name: "STM32F4DISCOVERY",
  vars: 5450,
  varBytes: 13,
  ramBytes: 192 * 1024,
  clockHz: 168e6,
  spi: [
    { name: "SPI1", sck: "A5", miso: "A6", mosi: "A7" },
    { name: "SPI2", sck: "B13", miso: "B14", mosi: "B15" },
    { name: "SPI3", sck: "C10", miso: "C11", mosi: "C12" }
  ],
  storageBytes: 0,
  pins: "A0-A15 B0-B15 C0-C15 D0-D15 E0-E15 H0-H1",
  alias: { LED1: "D13", LED2: "D12", LED3: "D14", LED4: "D15", BTN: "A0", BTN1: "A0" },
  eventBytes: 64
};
