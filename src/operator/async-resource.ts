import type { Observer, Subscriber } from 'rxjs';

/** Code runs in a resource of Node, to which `AsyncLocalStorage` belongs, and in a zone where zone.js is loaded. */
interface Scope {
  runInAsyncScope<T>(work: () => T): T;
}

type AsyncResourceClass = new (type: string) => Scope;

interface ProcessLike {
  getBuiltinModule?(id: string): { readonly AsyncResource?: AsyncResourceClass } | undefined;
}

/** The part of a zone of zone.js that is used here. */
export interface Zone {
  run<T>(work: () => T): T;
}

interface ZoneClass {
  readonly current: Zone;
  readonly root: Zone;
}

let found: AsyncResourceClass | null | undefined;

function asyncResourceClass(): AsyncResourceClass | null {
  const { process } = globalThis as { process?: ProcessLike };
  return process?.getBuiltinModule?.('node:async_hooks')?.AsyncResource ?? null;
}

/** It is looked up each time: zone.js may be loaded after this library. */
function zoneClass(): ZoneClass | undefined {
  const { Zone } = globalThis as { Zone?: Partial<ZoneClass> };
  return typeof Zone?.root?.run === 'function' && Zone.current !== undefined ? (Zone as ZoneClass) : undefined;
}

/** Undefined outside of Node where there is no zone.js. */
export type AsyncScope = Scope | undefined;

class ZonedScope implements Scope {
  constructor(
    readonly zone: Zone,
    private readonly resource: Scope | undefined,
  ) {}

  runInAsyncScope<T>(work: () => T): T {
    const { resource } = this;
    return runInZone(this.zone, resource === undefined ? work : () => resource.runInAsyncScope(work));
  }
}

/** Nothing else has to be looked at where there is no zone.js. */
export const zones: { present: boolean } = { present: false };

/** zone.js may be loaded after this library, but hardly after the first policy is made. */
export function noticeZones(): void {
  if (!zones.present) zones.present = zoneClass() !== undefined;
}

/**
 * A call is often continued by an event of another one: of a shared timer, a shared source, a queue. Without this it
 * would run as the tenant of that other request. (`AsyncLocalStorage.snapshot()` is a hundred times dearer.)
 *
 * Node destroys the resource when it is collected, and watches for that only where somebody asked for it by a hook.
 */
export function captureAsyncScope(): AsyncScope {
  if (found === undefined) found = asyncResourceClass();
  const resource = found === null ? undefined : new found('RXJS_RESILIENCE');
  const zone = currentZone();
  if (zone === undefined) return resource;
  zones.present = true;
  return new ZonedScope(zone, resource);
}

export function runInAsyncScope<T>(scope: AsyncScope, work: () => T): T {
  return scope === undefined ? work() : scope.runInAsyncScope(work);
}

/** Whether this code runs in another zone than that of `scope`. Look at `zones.present` first. */
export function isInOtherZone(scope: AsyncScope): boolean {
  const { zone } = (scope ?? {}) as Partial<ZonedScope>;
  return zone !== undefined && zone !== currentZone();
}

/** Undefined where there is no zone.js. */
export function currentZone(): Zone | undefined {
  return zoneClass()?.current;
}

export function runInZone<T>(zone: Zone | undefined, work: () => T): T {
  return zone === undefined || zone === currentZone() ? work() : zone.run(work);
}

/** Streams of state, health and events never error. */
export type StreamObserver<T> = Pick<Observer<T>, 'next' | 'complete'>;

/** The same subscriber, told in the zone in which it subscribes now. It is for streams that are no calls. */
export function inItsZone<T>(subscriber: Subscriber<T>): StreamObserver<T> {
  const zone = currentZone();
  if (zone === undefined) return subscriber;
  return {
    next: (value) => runInZone(zone, () => subscriber.next(value)),
    complete: () => runInZone(zone, () => subscriber.complete()),
  };
}

/**
 * Arms a timer that serves many calls or the observers of a policy. It belongs to none of their zones: Angular would take
 * it for work that the application still has to do.
 */
export function armedOutside<T>(arm: () => T): T {
  return runInZone(zoneClass()?.root, arm);
}
