// What Espruino has and the emulator has not: calling it throws an error that names it.
// A trap is set when a source is compiled in which its name occurs: on Espruino itself all of them would take 2000 JsVars.
// NOT MODELLED: names put together while the program runs; their calls fail as calls of undefined do.

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
    "setPassword setTimeZone setUSBHID srand stopEventPropagation toFlatString toJS variance",
  SPI: "send4bit send8bit find",
  Serial: "pipe inject setConsole unsetup find",
  Storage: "getStats debug optimise",
  console: "trace"
};

/** A function that throws an Error `not modelled: name` whatever it is given. */
export function trap(name: string): () => never {
  return function () {
    throw new Error("not modelled: " + name);
  };
}

/** An object with gaps, what an error calls it, and the names of what is missing. */
export interface Gap {
  target: any;
  prefix: string;
  names: string;
}

/** The gap of an object that stands for a class of Espruino. */
export function gap(target: any, kind: string, name: string): Gap {
  return { target, prefix: name + ".", names: REST[kind] };
}

/** Sets the traps a source may run into: in the given gaps and for global names. */
export function arm(gaps: Gap[], globals: any, source: string): void {
  for (let i = 0; i < gaps.length; i++) fill(gaps[i], source);
  fill({ target: globals, prefix: "", names: FUNCTIONS }, source);
  for (const name in METHODS) {
    if (source.indexOf(name) < 0) continue;
    if (!globals[name]) globals[name] = {};
    fill({ target: globals[name], prefix: name + ".", names: METHODS[name] }, source);
  }
}

// One name at a time: all of them in a list would take 150 JsVars while a source is compiled.
function fill({ target, prefix, names }: Gap, source: string): void {
  for (let at = 0; at < names.length; ) {
    const space = names.indexOf(" ", at);
    const end = space < 0 ? names.length : space;
    const name = names.substring(at, end);
    if (source.indexOf(name) >= 0 && target[name] === undefined) target[name] = trap(prefix + name);
    at = end + 1;
  }
}
