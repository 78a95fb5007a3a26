import type { HealthMessage, HealthView } from '../../stream-messages.js';
import { byId, el, nameOf } from './dom.js';
import { lasting, short } from './format.js';
import { glyph, rankOf } from './looks.js';

const parts = [
  ['ready', 'Ready', { well: 'takes requests', down: 'takes no requests', unknown: 'not known yet' }],
  ['startup', 'Startup', { well: 'has started', down: 'could not start', unknown: 'is starting' }],
  ['live', 'Live', { well: 'needs no restart', down: 'needs a restart', unknown: 'not known yet' }],
] as const;

/** Components that a tile names. */
const named = 8;

/** Figures and words of a health; what is deeper is for code. */
function detailsOf({ details }: HealthView): string {
  return Object.entries(details)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .slice(0, 4)
    .map(([name, value]) => (value === true ? short(name, 40) : `${short(name, 40)} ${short(String(value), 40)}`))
    .join(' · ');
}

/** Under the name that the board has for it, for two of them may have the same name of their own. */
function component(name: string, health: HealthView): HTMLElement {
  const details = detailsOf(health);
  const item = el('li', undefined, glyph(health.status), nameOf(short(name, 200)));
  item.append(el('span', 'caption', details === '' ? health.status : `${health.status} · ${details}`));
  return item;
}

type Meanings = (typeof parts)[number][2];

function tile(title: string, meanings: Meanings, health: HealthView, now: number): HTMLElement {
  const { components = {}, since, status } = health;
  const worstFirst = Object.entries(components).sort(([, a], [, b]) => rankOf(b.status) - rankOf(a.status));
  const meaning = meanings[status === 'down' || status === 'unknown' ? status : 'well'];
  const badge = el('span', 'badge', glyph(status), status);
  badge.dataset['status'] = status;
  const details = detailsOf(health);
  const caption = el('p', 'caption', `${meaning}\u00a0· for\u00a0${lasting(now - since).replace(' ', '\u00a0')}${details === '' ? '' : ` · ${details}`}`);
  const made = el('li', 'tile', el('div', 'top', el('h3', undefined, title), badge), caption);
  made.dataset['status'] = status;
  const list = worstFirst.slice(0, named).map(([name, part]) => component(name, part));
  if (worstFirst.length > named) list.push(el('li', 'caption', `and ${worstFirst.length - named} more`));
  if (list.length > 0) made.append(el('ul', 'parts', ...list));
  return made;
}

/** What the process says to those who probe it. */
export function drawBoard(message: HealthMessage, now: number): void {
  byId('board').hidden = false;
  byId('tiles').replaceChildren(...parts.map(([name, title, meanings]) => tile(title, meanings, message[name], now)));
}
