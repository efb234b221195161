// Numbers as people read them, in terminals, documents and pages alike: no locale of the machine changes them. Runs in browsers as well.

/** 12,345; fractions keep two digits. */
export function number(value: number): string {
  const [whole, part] = String(Math.round(value * 100) / 100).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}

/** A number with what it counts. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Milliseconds. */
export function duration(ms: number): string {
  return ms < 1000 ? `${number(ms)} ms` : ms < 120_000 ? `${number(ms / 1000)} s` : `${number(ms / 60_000)} min`;
}

/** A share from 0 to 1, in whole percents. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
