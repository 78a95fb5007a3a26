/** The functions by which timers are armed at a moment. A test replaces them, and what it has armed goes with them. */
export interface EngineTimers {
  readonly timeout: unknown;
  readonly interval: unknown;
  readonly date: unknown;
  /** A test has replaced the function by which RxJS arms every timer. */
  readonly fakeInterval: boolean;
  /** They are the engine's own: their time passes by itself, and what is armed stays armed. */
  readonly genuine: boolean;
}

interface Ambient {
  readonly Date: DateConstructor;
  readonly setTimeout: unknown;
  readonly setInterval: unknown;
  readonly performance?: { now(): number };
}

let engine: EngineTimers | undefined;
let present: EngineTimers | undefined;

/** Those of this moment: the same object for as long as nothing is replaced, and again once it is restored. */
export function engineTimers(): EngineTimers {
  const ambient = globalThis as Ambient;
  if (present !== undefined && isSame(present, ambient)) return present;
  if (engine !== undefined && isSame(engine, ambient)) return (present = engine);
  const { Date: date, setInterval: interval, setTimeout: timeout } = ambient;
  const fakeInterval = isFake(interval);
  const genuine = !fakeInterval && !isFake(timeout) && isNativeDate(date);
  present = { timeout, interval, date, fakeInterval, genuine };
  if (genuine) engine = present;
  return present;
}

function isSame({ date, interval, timeout }: EngineTimers, ambient: Ambient): boolean {
  return timeout === ambient.setTimeout && interval === ambient.setInterval && date === ambient.Date;
}

/** Whether what was armed with `timers` can be cleared now. `node:test` has the same functions again, and another `Date`. */
export function areHere(timers: EngineTimers): boolean {
  const { date, interval } = engineTimers();
  return timers.interval === interval && (!timers.fakeInterval || timers.date === date);
}

/** Whether a scheduler that reads `raw` reads the wall clock, as it does not in virtual time. */
export function isWallTime(raw: number): boolean {
  return Math.abs((globalThis as Ambient).Date.now() - raw) < 1_000;
}

/** Milliseconds that no step of the wall clock moves; NaN where there are none, or where a test moves the time. */
export function steadyTime(): number {
  const { Date, performance } = globalThis as Ambient;
  if (typeof performance?.now !== 'function' || !engineTimers().genuine) return NaN;
  return isFake(performance) || isFake(performance.now) || isFake(Date.now) ? NaN : performance.now();
}

/** A class of a test is none that the engine has written; neither is a `Proxy`, which has no name there. */
function isNativeDate(date: DateConstructor): boolean {
  return !isFake(date) && /^function Date\(\)\s*\{\s*\[native code\]/.test(Function.prototype.toString.call(date));
}

/** By the marks of Sinon (also in Jest and Vitest), of spies and stubs, and of `node:test`, which binds its functions. */
function isFake(value: unknown): boolean {
  const marked = Object(value) as { readonly name?: unknown };
  return 'clock' in marked || 'mock' in marked || 'restore' in marked || /^bound /.test(String(marked.name));
}
