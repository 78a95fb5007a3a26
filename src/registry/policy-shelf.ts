import type { Observable, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import { show } from '../core/options.js';
import { CombinedHealth } from '../health/combined-health.js';
import { makingToKeep } from '../operator/inline-warning.js';
import { coreOf } from '../operator/policy.js';
import type { Policy, PolicyEvent, PolicyKind } from '../operator/policy-types.js';
import { Published } from '../operator/published.js';
import { AttachedEvents, detach } from './attached-events.js';
import { isPolicy, policiesBehind, policyKey } from './policies-behind.js';
import type { PolicyParts, PolicyRegistry, PolicyReport, RegisteredTransition } from './registry-types.js';
import { TransitionLog } from './transition-log.js';

/** A policy that stands in the registry, and what holds it there. */
interface Place {
  readonly policy: Policy;
  readonly unwatch: () => void;
  /** While somebody listens to the events of all. */
  events: Subscription | undefined;
}

export class PolicyShelf implements PolicyRegistry {
  readonly policies$: Observable<readonly Policy[]>;
  readonly health$: Observable<Health>;
  readonly events$: Observable<PolicyEvent>;
  readonly transitions$: Observable<RegisteredTransition>;
  private readonly places: Map<string, Place> = new Map();
  /** Of those that have been here. */
  private readonly kinds: Set<PolicyKind> = new Set();
  private readonly log: TransitionLog;
  private readonly health: CombinedHealth;
  private readonly listed: Published<readonly Policy[]>;
  private list: readonly Policy[] | undefined = undefined;
  private readonly events: AttachedEvents = new AttachedEvents(() => this.places.values());
  private disposed = false;

  constructor(name: string, history: number) {
    this.log = new TransitionLog(history);
    this.transitions$ = this.log.stream;
    this.health = new CombinedHealth(new Map(), { name, required: true });
    this.health$ = this.health.health$;
    this.listed = new Published(
      () => this.policies(),
      (a, b) => a === b,
      () => undefined,
    );
    this.policies$ = this.listed.stream;
    this.events$ = this.events.stream;
  }

  register<P extends Policy | PolicyParts>(given: P): P {
    const policies = policiesOf(given).filter((policy) => this.places.get(keyOf(policy))?.policy !== policy);
    if (this.disposed) throw new TypeError('the registry is disposed: nothing can be registered any more');
    const keys = policies.map(keyOf);
    const taken = policies.find((_, at) => this.places.has(keys[at]!) || keys.indexOf(keys[at]!) < at);
    if (taken !== undefined) {
      throw new TypeError(`another ${taken.kind} named ${show(taken.name)} is registered: give one of the two another name`);
    }
    for (const policy of policies) this.put(policy);
    if (policies.length > 0) this.listed.push();
    return given;
  }

  get(name: string, kind?: PolicyKind): Policy | undefined {
    const found = this.named(name, kind);
    if (found.length > 1) {
      const kinds = found.map((policy) => policy.kind).join(', ');
      throw new TypeError(`kind must be given, for ${show(name)} names several policies: ${kinds}`);
    }
    return found[0];
  }

  getOrCreate<P extends Policy = Policy>(name: string, make: (name: string) => P, kind?: PolicyKind): P {
    const found = this.get(name, kind);
    if (found !== undefined) return found as P;
    const made = makingToKeep(() => make(name));
    if (made?.name !== name || (kind !== undefined && made.kind !== kind)) {
      const wanted = `a ${kind ?? 'policy'} named ${show(name)}`;
      throw new TypeError(`make must give ${wanted}, got ${coreOf(made) === undefined ? show(made) : `a ${made.kind} named ${show(made.name)}`}`);
    }
    return this.register(made);
  }

  remove(name: string, kind?: PolicyKind): boolean {
    const found = this.named(name, kind);
    for (const policy of found) this.drop(policy);
    return found.length > 0;
  }

  metrics(): readonly PolicyReport[] {
    return this.policies().map((policy) => ({
      policy: policy.name,
      kind: policy.kind,
      mode: policy.mode,
      metrics: policy.metrics(),
    }));
  }

  history(): readonly RegisteredTransition[] {
    return this.log.latest();
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const place of this.places.values()) leave(place);
    this.places.clear();
    this.list = undefined;
    this.listed.complete();
    this.health.dispose();
    this.events.complete();
    this.log.complete();
  }

  private policies(): readonly Policy[] {
    return (this.list ??= [...this.places.values()].map(({ policy }) => policy));
  }

  private named(name: string, kind: PolicyKind | undefined): readonly Policy[] {
    const places = (kind === undefined ? [...this.kinds] : [kind]).map((one) => this.places.get(policyKey(one, name)));
    return places.filter((place) => place !== undefined).map(({ policy }) => policy);
  }

  private put(policy: Policy): void {
    const unwatch = coreOf(policy)!.watchedBy({
      transition: (event) => this.log.add(event),
      disposed: () => this.drop(policy),
    });
    const place: Place = { policy, unwatch, events: undefined };
    this.places.set(keyOf(policy), place);
    this.kinds.add(policy.kind);
    this.list &&= [...this.list, policy];
    this.health.set(keyOf(policy), policy.health$);
    this.events.add(place);
  }

  private drop(policy: Policy): void {
    const key = keyOf(policy);
    const place = this.places.get(key);
    if (place?.policy !== policy) return;
    this.places.delete(key);
    this.list = this.list?.filter((other) => other !== policy);
    this.health.delete(key);
    leave(place);
    this.listed.push();
  }
}

function leave(place: Place): void {
  place.unwatch();
  detach(place);
}

function keyOf({ kind, name }: Policy): string {
  return policyKey(kind, name);
}

function policiesOf(given: Policy | PolicyParts): readonly Policy[] {
  const policies = policiesBehind(given);
  if (policies.length > 0 && policies.every(isPolicy)) return policies;
  throw new TypeError(`register takes a policy or a pipeline, got ${show(given)}`);
}
