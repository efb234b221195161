import type { Board } from "./board";
import { bangle2 } from "./bangle2";
import { esp32 } from "./esp32";
import { esp32s3 } from "./esp32s3";
import { microbit2 } from "./microbit2";
import { pico } from "./pico";
import { pixl } from "./pixl";
import { puck } from "./puck";
import { rp2040 } from "./rp2040";
import { stm32f4 } from "./stm32f4";
import { wifi } from "./wifi";

/** Every board by its short name, which is also the name of its file. */
export const BOARDS: { [short: string]: Board } = {
  esp32,
  esp32s3,
  pico,
  wifi,
  stm32f4,
  puck,
  pixl,
  microbit2,
  bangle2,
  rp2040
};
