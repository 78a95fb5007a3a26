import { httpStatusOf } from '../core/http-status.js';
import { read } from '../core/read.js';

/** Where the names are too many, and the value of every label that has no better one. */
export const other = 'other';

const longest = 200;

/** A name as the value of a label: at most 200 characters, and text that every encoding can carry. */
export function labelOf(name: string): string {
  const short = name.length > longest ? Array.from(name.slice(0, 2 * longest)).slice(0, longest).join('') : name;
  return short.replace(/\p{Cs}/gu, '\uFFFD');
}

/** Which label stands for a policy: its name while there are few enough of them, then one that it shares. */
export class PolicyLabels {
  private readonly users: Map<string, number> = new Map();

  constructor(private readonly most: number) {}

  take(name: string): string {
    const label = labelOf(name);
    if (label === other) return other;
    const users = this.users.get(label) ?? 0;
    if (users === 0 && this.users.size >= this.most) return other;
    this.users.set(label, users + 1);
    return label;
  }

  giveBack(label: string): void {
    const users = this.users.get(label);
    if (users === 1) this.users.delete(label);
    else if (users !== undefined) this.users.set(label, users - 1);
  }
}

/** An error as a label: the class of its HTTP status (`5xx`), its code, or `other`; never its message. */
export function causeOf(error: unknown): string {
  const status = httpStatusOf(error);
  if (status !== undefined && status >= 100) return `${Math.floor(status / 100)}xx`;
  const code = read(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,39}$/.test(code) ? code : other;
}

/** Foreign code makes the codes: after so many different ones the rest are `other`. */
export class Causes {
  private readonly known: Set<string> = new Set();

  constructor(private readonly most: number) {}

  bounded(cause: string): string {
    if (this.known.has(cause)) return cause;
    if (this.known.size >= this.most) return other;
    this.known.add(cause);
    return cause;
  }
}

/** The number of a try as a label. */
export function attemptOf(attempt: number): string {
  return attempt > 3 ? 'more' : String(attempt);
}
