// What connect() knows about memory chips, from their datasheets.

/** What a driver has to know about a chip. connect() takes such a row in place of a part number. */
export interface Chip {
  /** Bytes, a power of two. */
  bytes: number;
  /** Bytes of an address: 2 or 3. */
  width: number;
  /** "s": serial SRAM, whose mode register gets 40 (sequential), "f": FRAM or MRAM, written after WREN, "p": PSRAM, reset at power-up, 8 us a frame; further letters: PARTS. */
  kind: string;
  /** Greatest clock of READ, for PSRAM of fast read, Hz. */
  baud: number;
  /** Bytes clocked between address and data of READ. Default 0; PSRAM: 0 up to 33 MHz, else 1. */
  dummy?: number;
  /** A frame never crosses a multiple of this. Default: the end of the chip. */
  edge?: number;
  /** What 9F answers, lower case hexadecimal, PSRAM: its first two bytes. Default: it answers nothing. */
  id?: string;
}

/**
 * The parts: " name name klmm", with id parts " name klmmiiii", where k is the kind, l log2 of the bytes in base 36 (addresses up to g have
 * 2 bytes, above 3), mm the greatest MHz, iiii the end of the ID. Kinds: "s" SRAM, "t" SRAM with 8 dummy clocks in READ, "u" SRAM of two halves
 * of 256 KB, "f" FRAM or MRAM without ID, "d" FRAM with ID 04 7f iiii, "e" FRAM with ID 7f 7f 7f 7f 7f 7f c2 iiii, "p" PSRAM, pages of 1 KB,
 * ID 0d 5d. The IS62WVS5128 is the one without read latency (F); a G needs a row of its own. Beside each row its datasheet.
 */
export var PARTS =
  " 23LC1024 23A1024 23LCV1024 IS62WVS1288 IS65WVS1288 sh20" + // DS20005142C, DS20005156B, IS62/65WVS1288FALL/FBLL
  " 23LC512 23LCV512 sg20" + // DS20005155B, DS20005157B
  " 23K256 sf20 23A256 sf16" + // DS22100F
  " 23K640 sd20 23A640 sd16" + // DS22126E
  " IS62WVS2568 ti45" + // IS62/65WVS2568GALL/GBLL rev. A2
  " IS62WVS5128 uj20" + // IS62/65WVS5128FALL/FBLL
  " APS6404L ESP-PSRAM64H LY68L6400 IPS6404 pn84" + // APS6404L-3SQR: 84 MHz linear bursts
  " MB85RS64V dd200302" + // DS501-00015
  " MB85RS64T dd102303" + // DS501-00051
  " MB85RS256B df250509" + // DS501-00021: READ 25 MHz
  " MB85RS512T dg302603" + // MB85RS512T datasheet
  " MB85RS1MT dh302703" + // DS501-00022
  " MB85RS2MT di252803" + // DS501-00023
  " MB85RS2MTA di404803" + // DS501-00032
  " MB85RS4MT dj404903" + // DS501-00053
  " FM25L256 FM25W256 ff20" + // FM25L256B datasheet, 001-84506
  " FM25V01A ee402108" + // FM25V01A datasheet
  " FM25V02A ef402208" + // 001-90865
  " FM25V10 eh402400" + // FM25V10 datasheet
  " FM25V20A ei402508" + // FM25V20A datasheet
  " CY15B104Q ej402608" + // CY15B104Q datasheet
  " MR25H256 ff40" + // MR25H256 rev. 9
  " MR25H10 fh40" + // MR25H10 datasheet
  " MR25H40 fj40"; // MR25H40 rev. 12.6
