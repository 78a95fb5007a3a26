import { setAttribute, svg } from './dom.js';
import { type Look, looks, toneOf } from './looks.js';
import { lasting } from './format.js';
import { type Ring, slotCount, slotLength, unfinished } from './ring.js';

const height = 32;
const box = { viewBox: `0 0 ${slotCount} ${height}`, preserveAspectRatio: 'none' };

/** A line, broken where there is no value; with `closed` the area below it. */
function lineOf(ring: Ring, series: Float32Array, most: number, closed: boolean, skipsNothing = false): string {
  let path = '';
  let began = -1;
  const round = (value: number): number => Math.round(value * 10) / 10;
  ring.each((at, position) => {
    const value = series[at]!;
    if (!isKnown(ring, at, position) || Number.isNaN(value) || (skipsNothing && value === 0)) {
      if (closed && began >= 0) path += `V${height}H${began}Z`;
      began = -1;
      return;
    }
    const y = round(height - 1 - (value / most) * (height - 3));
    path += began < 0 ? `M${position} ${closed ? `${height}V${y}` : y}h1` : `L${position + 1} ${y}`;
    if (began < 0) began = position;
  });
  return closed && began >= 0 ? `${path}V${height}H${began}Z` : path;
}

/** Slots that are not complete would look like a fall. */
const isKnown = (ring: Ring, at: number, position: number): boolean => ring.seen[at] !== 0 && position < slotCount - unfinished;

function highest(ring: Ring, all: readonly Float32Array[]): number {
  let most = 0;
  ring.each((at, position) => {
    // What is not a number is not more.
    for (const series of all) if (isKnown(ring, at, position) && series[at]! > most) most = series[at]!;
  });
  return most;
}

export interface Plot {
  readonly node: SVGElement;
  /** Draws it and gives the highest value that it shows. */
  draw(ring: Ring): number;
}

type Series = 'calls' | 'bad' | 'other' | 'p50' | 'p99';

/** Lines over the last minutes, on a scale of their own. What they say stands beside them in words. */
export function plot(area: Series, ...lines: readonly Series[]): Plot {
  const path = (name: Series, part: string): SVGElement => svg('path', { class: `${part} ${name}` });
  const areaPath = path(area, 'area');
  const linePaths = [area, ...lines].map((name) => [name, path(name, 'line')] as const);
  const node = svg('svg', { ...box, class: 'plot', 'aria-hidden': 'true' }, areaPath, ...linePaths.map(([, line]) => line));
  return {
    node,
    draw(ring) {
      const most = highest(ring, [area, ...lines].map((name) => ring[name]));
      const scale = most === 0 ? 1 : most;
      setAttribute(areaPath, 'd', lineOf(ring, ring[area], scale, true));
      for (const [name, line] of linePaths) {
        setAttribute(line, 'd', lineOf(ring, ring[name], scale, false, name !== area));
      }
      return most;
    },
  };
}

/** Where a look stands in the strip: the worse, the higher, so that it can be read without its colour. */
const tops: Readonly<Record<string, number>> = { up: 22, degraded: 11, unknown: 16, down: 0 };

/** The states over the last minutes. */
export function strip(): { readonly node: SVGElement; draw(ring: Ring): void } {
  const paths = new Map(looks.slice(1).map((look) => [look, svg('path', { 'data-status': toneOf(look) })]));
  const node = svg('svg', { ...box, class: 'strip', role: 'img' }, ...paths.values());
  return {
    node,
    draw(ring) {
      const drawn = new Map<Look, string>();
      const lasted = new Map<Look, number>();
      let from = 0;
      let look: Look = '';
      const end = (to: number): void => {
        if (look === '') return;
        const top = tops[toneOf(look)]!;
        drawn.set(look, `${drawn.get(look) ?? ''}M${from} ${height}V${top}H${to}V${height}Z`);
        lasted.set(look, (lasted.get(look) ?? 0) + to - from);
      };
      ring.each((at, position) => {
        const next = looks[ring.seen[at]!]!;
        if (next === look) return;
        end(position);
        from = position;
        look = next;
      });
      end(slotCount);
      for (const [name, path] of paths) setAttribute(path, 'd', drawn.get(name) ?? '');
      const parts = [...lasted].map(([name, slots]) => `${name} ${lasting(slots * slotLength)}`);
      setAttribute(node, 'aria-label', parts.length === 0 ? 'nothing known' : parts.join(', '));
    },
  };
}
