const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const fixed = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const obsolete = /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-(\w{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
/** `Sun Nov  6 08:49:37 1994`, which is UTC though it does not say so. */
const asctime = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\w{3}) (\d{2}| \d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

const century = 100;

/**
 * Epoch milliseconds of an HTTP date in any of the three forms of RFC 9110, 5.6.7; undefined for everything else.
 * `Date.parse` takes the third for local time, decides the century of the second otherwise, and accepts `'-1'`.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const a = fixed.exec(text);
  if (a !== null) return instant(Number(a[3]), a[2]!, a[1]!, a.slice(4));
  const b = obsolete.exec(text);
  if (b !== null) return instant(fullYear(Number(b[3]), now), b[2]!, b[1]!, b.slice(4));
  const c = asctime.exec(text);
  return c === null ? undefined : instant(Number(c[6]), c[1]!, c[2]!, c.slice(3, 6));
}

/** A year that would be more than 50 years ahead is the most recent one in the past with these two digits. */
function fullYear(twoDigits: number, now: number): number {
  const present = new Date(now).getUTCFullYear();
  const year = present - (present % century) + twoDigits;
  if (year > present + 50) return year - century;
  return year <= present - 50 ? year + century : year;
}

function instant(year: number, monthName: string, day: string, clock: readonly string[]): number | undefined {
  const [hour = 0, minute = 0, second = 0] = clock.map(Number);
  const at = months.indexOf(monthName);
  if (at < 0 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, at, Number(day));
  date.setUTCHours(hour, minute, Math.min(second, 59));
  // A day that the month does not have and an hour that the day does not have lead to another day.
  return date.getUTCDate() === Number(day) ? date.getTime() : undefined;
}
