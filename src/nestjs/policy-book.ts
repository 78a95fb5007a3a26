import { Logger } from '@nestjs/common';
import { show } from '../core/options.js';
import { checkProtection, isProtection, type Protection } from '../pipeline/protect.js';
import { policiesBehind } from '../registry/policies-behind.js';
import { policyRegistry } from '../registry/policy-registry.js';
import type { PolicyParts, PolicyRegistry } from '../registry/registry-types.js';
import { makingToKeep } from '../operator/inline-warning.js';
import type { Policy } from '../operator/policy-types.js';
import { type GuardedPolicy, guardedPolicy } from './guarded-policy.js';
import { type NamedPolicies, naming } from './module-options.js';

const logger = (): Logger => new Logger('ResilienceModule');

/** The policies of one application: made when it starts, disposed when it shuts down. */
export class PolicyBook {
  readonly registry: PolicyRegistry = policyRegistry();
  private readonly entries: Map<string, GuardedPolicy> = new Map();
  /** What was made here. */
  private readonly own: Protection[] = [];

  /** @throws what a factory throws, and a TypeError for what is no policy */
  constructor(policies: NamedPolicies) {
    try {
      for (const [name, given] of Object.entries(policies)) this.add(name, given);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  find(name: string): GuardedPolicy | undefined {
    return this.entries.get(name);
  }

  /** By what a test has put in its place, if that is another policy. */
  replace(name: string, given: unknown): void {
    if (isProtection(given) && given !== this.find(name)?.policy) this.entries.set(name, guardedPolicy(given));
  }

  get names(): readonly string[] {
    return [...this.entries.keys()];
  }

  /** For messages. */
  get known(): string {
    return this.entries.size === 0 ? 'there is none' : `known are ${this.names.map(show).join(', ')}`;
  }

  dispose(): void {
    this.registry.dispose();
    for (const policy of this.own.splice(0)) (policy as unknown as { dispose(): void }).dispose();
  }

  private add(name: string, given: NamedPolicies[string]): void {
    const option = `policies.${name}`;
    const policy = isProtection(given) ? given : this.make(option, name, given as (name: string) => Protection);
    this.entries.set(name, guardedPolicy(policy));
    this.show(option, policy);
  }

  /** Two policies of one kind may both have the name of their kind: they work, and only one can be shown. */
  private show(option: string, policy: Protection): void {
    if (policiesBehind(policy).length === 0) return;
    try {
      this.registry.register(policy as unknown as Policy | PolicyParts);
    } catch (error) {
      logger().warn(`${option} is not in the registry: ${(error as Error).message}`);
    }
  }

  private make(option: string, name: string, factory: (name: string) => Protection): Protection {
    const made = checkProtection(option, naming(option, () => makingToKeep(() => factory(name))));
    this.own.push(made);
    return made;
  }
}
