// What is made of many values, and how it is printed.

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value below which `share` (0..1) of the values lie: 0.5 is the median. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  return sorted[low] + (sorted[Math.ceil(place)] - sorted[low]) * (place - low);
}

export function percent(share: number, decimals = 1): string {
  return (100 * share).toFixed(decimals);
}

/** Thousands: 12345 is "12.3". What could not be measured (NaN) is a dash. */
export function thousands(value: number): string {
  if (Number.isNaN(value)) return "-";
  return (value / 1000).toFixed(value < 100000 ? 1 : 0);
}

/** A factor: 2.5 is "2.50x". */
export function times(value: number): string {
  return Number.isNaN(value) ? "-" : `${value.toFixed(2)}x`;
}
