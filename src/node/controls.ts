import type { IncomingMessage } from 'node:http';
import type { Isolation } from '../circuit-breaker/watched-circuit.js';
import type { Policy } from '../operator/policy-types.js';
import { presentOf } from '../operator/published.js';
import type { PolicyRegistry } from '../registry/registry-types.js';
import { type Answer, json, refusal } from './answer.js';
import { readJson } from './json-body.js';
import { policyView } from './policies-view.js';
import type { PolicyAction } from './routes.js';

interface Isolating extends Policy {
  isolate(caller?: string): Isolation;
}

export interface ActionRequest {
  readonly name: string;
  readonly action: PolicyAction;
  /** Only those of this kind. */
  readonly kind: string | null;
}

/** What is refused before anybody is asked whether it may be done. A page of another origin cannot send such a header unasked. */
export function formOf(req: IncomingMessage): Answer | undefined {
  if ((req.headers['x-requested-with'] ?? '') === '') return refusal(403, 'X-Requested-With is missing');
  if (!/^application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) return refusal(415, 'application/json is needed');
  return undefined;
}

/** Changes policies by hand, and remembers which ones it holds. */
export class Controls {
  private readonly held: WeakMap<Policy, Isolation> = new WeakMap();

  constructor(private readonly registry: PolicyRegistry) {}

  async apply(req: IncomingMessage, { name, action, kind }: ActionRequest): Promise<Answer> {
    const read = await readJson(req);
    if ('status' in read) return refusal(read.status, read.status === 413 ? 'The body is too long' : 'The body is no JSON', { Connection: 'close' });
    const said = callerIn(read.value);
    if (said === undefined) return refusal(400, 'The body must be an object, its caller a string');
    const named = this.policies().filter((policy) => policy.name === name && (kind === null || policy.kind === kind));
    if (named.length === 0) return refusal(404, 'No such policy');
    const caller = `http ${req.socket.remoteAddress ?? 'unknown'}${said === '' ? '' : ` (${said})`}`;
    const changed = named.filter((policy) => this.act(policy, action, caller));
    if (changed.length === 0) return refusal(409, action === 'release' ? 'Nothing is isolated from here' : `It does not know ${action}`);
    return json(200, { action, policies: changed.map((policy) => policyView(policy)) });
  }

  private policies(): readonly Policy[] {
    return presentOf(this.registry.policies$);
  }

  /** False where it does not know the action. */
  private act(policy: Policy, action: PolicyAction, caller: string): boolean {
    if (action === 'reset') {
      policy.reset(caller);
      return true;
    }
    const held = this.held.get(policy);
    if (action === 'release') {
      if (held === undefined) return false;
      this.held.delete(policy);
      held.release(caller);
      return true;
    }
    if (typeof (policy as Partial<Isolating>).isolate !== 'function') return false;
    // Once, however often it is asked for: one release is enough.
    if (held === undefined) this.held.set(policy, (policy as Isolating).isolate(caller));
    return true;
  }
}

/** What the client calls itself, short and in plain characters; it is only ever shown beside its address. */
function callerIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { caller = '' } = body as { caller?: unknown };
  return typeof caller === 'string' ? caller.replace(/[^\w .:@+-]/g, '').trim().slice(0, 60) : undefined;
}
