import { type Health, sameFacts, sameHealth } from '../core/health.js';

export type Components = Readonly<Record<string, Health>>;

/** The parts that there are now. */
export type Parts = ReadonlyMap<string, { readonly health: Health }>;

/**
 * The parts of a whole at one moment. A thousand parts that fail one after the other are a thousand moments, and nearly
 * nobody reads all parts of each: a moment knows what the next one has changed, and makes its record when it is read.
 * (The persistent arrays of Baker: the present is there as it is, the past is undone from it.)
 */
export class Moment {
  private made: Components | undefined = undefined;
  private newer: Moment | undefined = undefined;
  private key = '';
  /** What the next one has changed; undefined where it has added a part. */
  private before: Health | undefined = undefined;
  /** How many moments may have to be undone to read those before this one. */
  private length = 0;

  constructor(private readonly parts: Parts) {}

  get components(): Components {
    return (this.made ??= this.read());
  }

  /**
   * The next one. Call it before the part of `key` changes. Whoever keeps an old moment keeps no more of the later ones than
   * there are parts: after so many changes one is made that stands for itself.
   */
  next(key: string): Moment {
    const newer = new Moment(this.parts);
    if (this.length >= this.parts.size) this.made ??= this.read();
    if (this.made === undefined) {
      this.newer = newer;
      this.key = key;
      this.before = this.parts.get(key)?.health;
      newer.length = this.length + 1;
    }
    return newer;
  }

  private read(): Components {
    const undone: Moment[] = [this];
    for (let at = undone[0]!; at.made === undefined && at.newer !== undefined; at = at.newer) undone.push(at.newer);
    // The last one is known by itself, or is the present.
    const known = undone.pop()!.made;
    const parts = new Map(known === undefined ? Array.from(this.parts, ([key, { health }]) => [key, health]) : Object.entries(known));
    for (const { before, key } of undone.reverse()) {
      if (before === undefined) parts.delete(key);
      else parts.set(key, before);
    }
    this.newer = this.before = undefined;
    return Object.fromEntries(parts);
  }
}

const moments: WeakMap<Health, Moment> = /*#__PURE__*/ new WeakMap();

/** A health whose components are those of a moment, read when somebody asks for them. */
export function withComponents(health: Health, moment: Moment): Health {
  const whole = Object.defineProperty(health, 'components', { enumerable: true, configurable: true, get: () => moment.components });
  moments.set(whole, moment);
  return whole;
}

/** Of a health of a node of this library. */
export function momentOf(health: Health): Moment | undefined {
  return moments.get(health);
}

/** As `sameHealth`. Two moments of one whole are not the same, for it makes another one only where a part has changed. */
export function sameWhole(a: Health, b: Health): boolean {
  const [moment, other] = [moments.get(a), moments.get(b)];
  return moment === undefined || other === undefined ? sameHealth(a, b) : moment === other && sameFacts(a, b);
}
