import { policyKey } from '../registry/policies-behind.js';
import type { PoliciesMessage, PolicyView } from './stream-messages.js';
import { message } from './stream-text.js';

type Gone = PoliciesMessage['gone'][number];

interface Row {
  readonly view: PolicyView;
  /** What was compared. */
  readonly text: string;
  /** The look at which it was as it is for the first time. */
  readonly version: number;
}

/** Looks after which a policy that is gone is forgotten; a client that is further behind gets all anew. */
const remembered = 60;

/** What changed between looks, computed once for all clients: each says only which look it has seen. */
export class PoliciesFeed {
  version = 0;
  private at = 0;
  private readonly rows: Map<string, Row> = new Map();
  private readonly gone: Map<string, { readonly policy: Gone; readonly version: number }> = new Map();
  private readonly written: Map<number, Uint8Array> = new Map();

  constructor(private readonly control: boolean) {}

  look(views: readonly PolicyView[], at: number): void {
    const version = this.version + 1;
    this.at = at;
    // Who comes later is told how it is now.
    this.written.delete(0);
    const keys = new Set<string>();
    let changed = this.version === 0;
    for (const view of views) {
      const key = policyKey(view.kind, view.policy);
      keys.add(key);
      const text = JSON.stringify(view);
      if (this.rows.get(key)?.text === text) continue;
      changed = true;
      this.gone.delete(key);
      this.rows.set(key, { view, text, version });
    }
    for (const [key, { view }] of this.rows) {
      if (keys.has(key)) continue;
      changed = true;
      this.rows.delete(key);
      this.gone.set(key, { policy: { policy: view.policy, kind: view.kind }, version });
    }
    if (!changed) return;
    this.version = version;
    this.written.clear();
    for (const [key, gone] of this.gone) if (gone.version <= version - remembered) this.gone.delete(key);
  }

  /** For a client that has seen `version`, 0 for nothing. */
  since(version: number): Uint8Array {
    const whole = version === 0 || version < this.version - remembered;
    const from = whole ? 0 : version;
    let bytes = this.written.get(from);
    if (bytes === undefined) this.written.set(from, (bytes = message('policies', this.message(from, whole))));
    return bytes;
  }

  private message(from: number, whole: boolean): PoliciesMessage {
    const policies = [...this.rows.values()].filter((row) => row.version > from).map(({ view }) => view);
    const gone = whole ? [] : [...this.gone.values()].filter((entry) => entry.version > from).map(({ policy }) => policy);
    return { at: this.at, whole, policies, gone, control: this.control };
  }
}
