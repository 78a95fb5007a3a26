import type { Observable, SchedulerLike, Subscription } from 'rxjs';
import { type Health, type HealthStatus, sameHealth } from '../core/health.js';
import { Published } from './published.js';
import { type Derived, settleWhenTold } from './settling.js';
import { inRootContext } from './shared.js';

/** How high what is made of others stands, for those that are made of it. */
const heights: WeakMap<Observable<Health>, () => number> = /*#__PURE__*/ new WeakMap();

interface Part {
  readonly health$: Observable<Health>;
  subscription: Subscription | undefined;
  latest: Health | undefined;
}

export type Components = Readonly<Record<string, Health>>;

/**
 * Several healths as one. Parts come and go; they are subscribed while somebody listens, all before the first value is
 * told, and one change makes one value however many parts it reaches (those that are foreign streams may show it in
 * several). A part that has not said anything is unknown and required, one whose stream has failed is down, one whose
 * stream has completed stays as it was.
 */
export class HealthMerge implements Derived {
  private readonly parts: Map<string, Part> = new Map();
  private readonly published: Published<Health>;
  private connected = false;
  private last: Health | undefined = undefined;

  constructor(
    private readonly scheduler: SchedulerLike,
    /** What the parts make together. */
    private readonly combine: (components: Components) => Omit<Health, 'since' | 'components'>,
  ) {
    this.published = new Published(
      () => this.read(),
      sameHealth,
      (listening) => {
        if (!listening) this.disconnect();
      },
    );
    heights.set(this.stream, () => this.height);
  }

  get stream(): Observable<Health> {
    return this.published.stream;
  }

  get height(): number {
    return 1 + Math.max(0, ...[...this.parts.values()].map(({ health$ }) => heights.get(health$)?.() ?? 0));
  }

  set(name: string, health$: Observable<Health>): void {
    this.parts.get(name)?.subscription?.unsubscribe();
    const part: Part = { health$, subscription: undefined, latest: undefined };
    this.parts.set(name, part);
    if (!this.connected) return;
    this.listen(name, part);
    settleWhenTold(this);
  }

  delete(name: string): void {
    const part = this.parts.get(name);
    if (part === undefined) return;
    part.subscription?.unsubscribe();
    this.parts.delete(name);
    if (this.connected) settleWhenTold(this);
  }

  settle(): void {
    this.published.push();
  }

  complete(): void {
    this.published.complete();
    this.disconnect();
  }

  private read(): Health {
    this.connect();
    const components = Object.fromEntries(
      [...this.parts].map(([name, { latest }]) => [name, latest ?? unheard(name, this.scheduler.now())]),
    );
    const combined = this.combine(components);
    const { last } = this;
    const since = last?.status === combined.status ? last.since : this.sinceOf(combined.status, components);
    return (this.last = { ...combined, since, components });
  }

  /** Of a status that is new, the change that has brought it; of one that nobody has seen begin, the oldest reason for it. */
  private sinceOf(status: HealthStatus, components: Components): number {
    const all = Object.values(components);
    const reasons = this.last !== undefined || status === 'up' ? all : all.filter((part) => part.status !== 'up');
    const times = reasons.map(({ since }) => since);
    if (times.length === 0) return this.scheduler.now();
    return reasons === all ? Math.max(...times) : Math.min(...times);
  }

  private connect(): void {
    if (this.connected) return;
    this.connected = true;
    for (const [name, part] of this.parts) this.listen(name, part);
  }

  private disconnect(): void {
    this.connected = false;
    this.last = undefined;
    for (const part of this.parts.values()) {
      part.subscription?.unsubscribe();
      part.latest = undefined;
    }
  }

  private listen(name: string, part: Part): void {
    const take = (health: Health): void => {
      part.latest = health;
      settleWhenTold(this);
    };
    inRootContext(() => {
      part.subscription = part.health$.subscribe({
        next: take,
        error: (error: unknown) =>
          take({ ...(part.latest ?? unheard(name, 0)), status: 'down', since: this.scheduler.now(), error }),
      });
    }, undefined);
  }
}

function unheard(name: string, since: number): Health {
  return { name, status: 'unknown', required: true, since, details: {} };
}
