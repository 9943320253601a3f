/**
 * Counts, rates and times as people read them.
 * @module
 */

/** 1234567 as 1,234,567. */
export const inThousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** So many a second; slow ones a minute. */
export function rateText(rate: number): string {
  if (rate > 0 && rate < 1) return `${(rate * 60).toFixed(1)}/min`;
  return `${rate < 10 ? rate.toFixed(1) : inThousands(Math.round(rate))}/s`;
}

/** Milliseconds as 0:07, 12:34 or 1:02:03. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const pad = (part: number): string => String(part).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0 ? `${hours}:${pad(minutes % 60)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
