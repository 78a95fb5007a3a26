import { byId, setText } from './dom.js';
import { plural } from './format.js';
import type { Entry, Model } from './model.js';
import { type RowView, rowView } from './row.js';

/** Rows at once: more are a button away, and the filter finds them. */
const page = 40;

export interface Table {
  draw(model: Model, now: number): void;
}

/** The policies, the worst first, as many as somebody can look at. `redraw` asks for the next picture. */
export function table(redraw: () => void): Table {
  const rows = byId('rows');
  const more = byId<HTMLButtonElement>('more');
  const filter = byId<HTMLInputElement>('filter');
  const views = new Map<string, RowView>();
  let most = page;
  let shown: readonly Entry[] = [];

  filter.addEventListener('input', () => {
    most = page;
    redraw();
  });
  more.addEventListener('click', () => {
    most += page;
    redraw();
  });

  /** Nothing moves under a hand that is about to press. */
  const isHeld = (): boolean => rows.matches(':hover, :focus-within');

  function choose(model: Model): { readonly found: number; readonly chosen: readonly Entry[] } {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = model.order().filter(({ text }) => words.every((word) => text.includes(word)));
    const chosen = found.slice(0, most);
    if (!isHeld()) return { found: found.length, chosen };
    const still = new Set(found);
    const kept = shown.filter((entry) => still.has(entry));
    const held = new Set(kept);
    return { found: found.length, chosen: [...kept, ...chosen.filter((entry) => !held.has(entry))].slice(0, most) };
  }

  function place(chosen: readonly Entry[]): void {
    const keys = new Set(chosen.map(({ key }) => key));
    for (const [key, { node }] of views) {
      if (keys.has(key)) continue;
      node.remove();
      views.delete(key);
    }
    chosen.forEach((entry, index) => {
      const view = views.get(entry.key) ?? rowView(entry);
      views.set(entry.key, view);
      const there = rows.children[index] ?? null;
      if (there !== view.node) rows.insertBefore(view.node, there);
    });
    shown = chosen;
  }

  return {
    draw(model, now) {
      const { found, chosen } = choose(model);
      place(chosen);
      for (const entry of chosen) views.get(entry.key)!.draw(entry, now, model.control);
      byId('controls-title').hidden = !model.control;
      const all = model.entries.size;
      setText(byId('count'), found === all ? plural(all, 'policy', 'policies') : `${found} of ${plural(all, 'policy', 'policies')}`);
      more.hidden = found <= chosen.length;
      setText(more, `Show more (${found - chosen.length})`);
      const none = byId('none');
      none.hidden = found > 0;
      setText(none, all === 0 ? 'No policy is registered.' : 'No policy fits the filter.');
    },
  };
}
