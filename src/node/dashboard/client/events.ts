import type { EventMessage } from '../../stream-messages.js';
import { byId, el, nameOf } from './dom.js';
import { kindName, short, timeOf } from './format.js';
import { glyph, lookAfter, toneOf } from './looks.js';

/** Events that are kept, and those of them that are shown. */
const kept = 500;
const shown = 30;

/** The latest transitions, each once: a stream that begins anew tells what it told before. */
export class Events {
  readonly list: EventMessage[] = [];
  private readonly known = new Set<string>();

  /** Whether it is a new one. */
  take(event: EventMessage): boolean {
    const { at, kind, policy, type } = event;
    const key = `${at} ${kind} ${type} ${policy}`;
    if (this.known.has(key)) return false;
    this.known.add(key);
    this.list.push(event);
    if (this.list.length <= kept) return true;
    this.list.splice(0, kept / 5);
    this.known.clear();
    for (const one of this.list) this.known.add(`${one.at} ${one.kind} ${one.type} ${one.policy}`);
    return true;
  }

  draw(): void {
    byId('quiet').hidden = this.list.length > 0;
    byId('events').replaceChildren(...this.list.slice(-shown).reverse().map(item));
  }
}

function item(event: EventMessage): HTMLElement {
  const { at, kind, policy, text } = event;
  const look = lookAfter(event);
  const said = text.startsWith(`${policy}: `) ? text.slice(policy.length + 2) : text;
  const time = el('time', undefined, timeOf(at));
  if (Number.isFinite(at) && Math.abs(at) < 8e15) time.dateTime = new Date(at).toISOString();
  const mark = glyph(look === undefined ? 'unknown' : toneOf(look));
  const what = el('span', 'what', nameOf(short(policy, 200)), ' ', el('span', 'caption', kindName(kind)));
  return el('li', undefined, time, mark, what, el('bdi', 'said', short(said, 300)));
}
