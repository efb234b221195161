// What Espruino has and the emulator has not: calling it throws an error that names it.

/** Functions of the global scope, constructors among them. */
const FUNCTIONS =
  "analogRead analogWrite digitalPulse shiftOut peek8 peek16 peek32 poke8 poke16 poke32 load save reset dump edit echo trace " +
  "setTime setDeepSleep setSleepIndicator setBusyIndicator getSerial I2C OneWire Serial SPI StepperMotor Waveform";

/** Methods of global objects. */
const METHODS: { [object: string]: string } = {
  I2C1: "setup writeTo readFrom readReg",
  I2C2: "setup writeTo readFrom readReg",
  I2C3: "setup writeTo readFrom readReg",
  USB: "setup setConsole write print println on read available pipe inject",
  Bluetooth: "setConsole write print println on read available",
  Terminal: "setConsole write print println on inject",
  LoopbackA: "setConsole write print println on",
  LoopbackB: "setConsole write print println on",
  Graphics: "createArrayBuffer createCallback createSDL createImage getInstance",
  NRF: "setServices updateServices setAdvertising setScan findDevices requestDevice connect on sleep wake restart setTxPower nfcURL",
  Bangle: "on setLCDPower buzz beep getAccel setGPSPower setHRMPower drawWidgets loadWidgets"
};

/** Methods of objects the emulator has in part. */
const REST: { [object: string]: string } = {
  E:
    "asm asUTF8 compiledC convolve CRC32 decodeUTF8 dumpFragmentation dumpFreeList dumpLockedVars dumpStr dumpVariables FFT getAnalogVRef " +
    "getBattery getClock getConsole getFlags getPowerUsage getSizeOf getTemperature hwRand isUTF8 lockConsole lookupNoCase mapInPlace " +
    "memoryArea memoryMap nativeCall pipe reboot rebootToDFU sendUSBHID setBootCode setClock setComparator setConsole setDST setFlags " +
    "setPassword setTimeZone setUSBHID srand stopEventPropagation sum toFlatString toJS variance",
  SPI: "send4bit send8bit find",
  Serial: "pipe inject setConsole unsetup find",
  Storage: "open getStats debug optimise",
  console: "trace"
};

/** A function that throws an Error `not modelled: name` whatever it is given. */
export function trap(name: string): () => never {
  return function () {
    throw new Error("not modelled: " + name);
  };
}

/** Adds a trap to `target` for every name in the list it does not have. */
function fill(target: any, prefix: string, list: string): void {
  const names = list.split(" ");
  for (let i = 0; i < names.length; i++) {
    if (target[names[i]] === undefined) target[names[i]] = trap(prefix + names[i]);
  }
}

/** Adds traps for the rest of a class of Espruino; `name` is what the error calls the object. */
export function trapRest(target: any, kind: string, name: string): void {
  fill(target, name + ".", REST[kind]);
}

/** Adds traps for all global functions and objects that are not modelled. */
export function trapGlobals(globals: any): void {
  fill(globals, "", FUNCTIONS);
  for (const name in METHODS) {
    if (globals[name]) continue;
    globals[name] = {};
    fill(globals[name], name + ".", METHODS[name]);
  }
}
