import type { PolicyView } from '../../stream-messages.js';
import { controlCell } from './control.js';
import { readingOf } from './counters.js';
import { el, nameOf, setAttribute, setText } from './dom.js';
import { kindName, lasting, milliseconds, rate, short } from './format.js';
import { glyph, lookOf, toneOf } from './looks.js';
import { loadCell } from './load.js';
import type { Entry } from './model.js';
import { plot, strip } from './plots.js';
import { slotLength } from './ring.js';

export interface RowView {
  readonly node: HTMLElement;
  draw(entry: Entry, now: number, control: boolean): void;
}

const cell = (name: string, ...children: readonly Node[]): HTMLElement => {
  const made = el('td', name, ...children);
  made.setAttribute('role', 'cell');
  return made;
};

/** What a name does not say: what kind it is, and whether it does something else than usual. */
function captionOf({ kind, mode, health }: PolicyView): string {
  const words = [kindName(kind)];
  if (mode !== 'enforce') words.push(mode);
  if (health.required) words.push('required');
  return words.join(' · ');
}

/** What a policy that only watches would say. */
function wouldBe({ health, mode, state }: PolicyView, now: number): string {
  const { would } = health.details;
  if (mode === 'shadow' && typeof would === 'string' && would !== health.status) return `would be ${short(would, 20)}`;
  return mode === 'disabled' && state === undefined ? 'disabled' : `for ${lasting(now - health.since)}`;
}

/** One policy: made once, and from then on only what has changed is touched. */
export function rowView(first: Entry): RowView {
  let view = first.view;
  const caption = el('span', 'caption');
  const name = nameOf(view.policy);
  const heading = el('th', 'policy', name, caption);
  setAttribute(heading, 'role', 'rowheader');
  setAttribute(heading, 'scope', 'row');

  const word = el('span');
  const badge = el('span', 'badge', word);
  const lasted = el('span', 'caption');
  const states = strip();
  const calls = el('span', 'figure');
  const outcomes = el('span', 'caption');
  const callsTop = el('span', 'peak');
  const callPlot = plot('calls', 'other', 'bad');
  const tookLabel = el('span', 'caption', 'p50');
  const took = el('span', 'figure');
  const tail = el('span', 'caption');
  const tookPlot = plot('p99', 'p50');
  const load = loadCell();
  const control = controlCell(() => view);
  const controls = cell('controls', control.node);
  const figures = (...children: readonly Node[]): HTMLElement => el('div', 'figures', ...children);
  const node = el(
    'tr',
    'row',
    heading,
    cell('state', badge, lasted),
    cell('past', states.node),
    cell('calls', figures(calls, outcomes, callsTop), callPlot.node),
    cell('latency', figures(tookLabel, took, tail), tookPlot.node),
    cell('load', load.node),
    controls,
  );
  setAttribute(node, 'role', 'row');

  function drawCalls({ ring, view: { kind } }: Entry): void {
    const { bad, other } = readingOf(kind);
    const parts = [[ring.bad, bad, 'bad'] as const, [ring.other, other, 'other'] as const].flatMap(([series, label, key]) => {
      const now = ring.rate(series);
      return label === undefined || now === 0 ? [] : [el('span', `key ${key}`, `${rate(now)} ${label}`)];
    });
    setText(calls, `${rate(ring.rate(ring.calls))}/s`);
    const text = parts.map(({ textContent }) => textContent).join(' ');
    if (outcomes.textContent !== text) outcomes.replaceChildren(...parts.flatMap((part) => [part, ' ']).slice(0, -1));
    const most = callPlot.draw(ring) / (slotLength / 1_000);
    setText(callsTop, most === 0 || parts.length > 1 ? '' : `max ${rate(most)}/s`);
  }

  function drawLatency({ ring }: Entry): void {
    const [p50, p99] = [ring.recent(ring.p50), ring.recent(ring.p99)];
    const isKnown = !Number.isNaN(p50);
    const most = tookPlot.draw(ring);
    setText(took, isKnown ? milliseconds(p50) : 'none');
    setText(tail, isKnown ? `p99 ${milliseconds(p99)}` : '');
    node.classList.toggle('no-latency', most === 0 && !isKnown);
  }

  return {
    node,
    draw(entry, now, isControlled) {
      view = entry.view;
      const look = lookOf(view);
      const status = toneOf(look);
      setText(caption, captionOf(view));
      if (badge.dataset['status'] !== status) {
        badge.dataset['status'] = status;
        badge.replaceChildren(glyph(status), word);
      }
      node.dataset['status'] = status;
      setText(word, look);
      setText(lasted, wouldBe(view, now));
      states.draw(entry.ring);
      drawCalls(entry);
      drawLatency(entry);
      load.draw(view);
      controls.hidden = !isControlled;
      if (isControlled) control.draw(view);
    },
  };
}
