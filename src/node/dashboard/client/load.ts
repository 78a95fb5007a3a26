import type { PolicyView } from '../../stream-messages.js';
import { figure } from './counters.js';
import { el, setText } from './dom.js';
import { count } from './format.js';

interface Gauge {
  readonly label: string;
  readonly text: string;
  /** 0 to 1; undefined where nothing says how much there could be. */
  readonly share: number | undefined;
}

function ofMany(label: string, now: number | undefined, most: number | undefined): readonly Gauge[] {
  if (now === undefined) return [];
  if (most === undefined) return [{ label, text: count(now), share: undefined }];
  return [{ label, text: `${count(now)} of ${count(most)}`, share: most === 0 ? (now > 0 ? 1 : 0) : now / most }];
}

/** What a policy has in use of what it may use. */
function gaugesOf({ kind, metrics }: PolicyView): readonly Gauge[] {
  const read = (name: string): number | undefined => figure(metrics, name);
  switch (kind) {
    case 'bulkhead':
      return [...ofMany('permits', read('active'), read('limit')), ...ofMany('queue', read('queued'), read('capacity'))];
    case 'loadShed':
      return ofMany('running', read('inFlight'), read('limit'));
    case 'retry': {
      const left = read('budgetLeft');
      return left === undefined ? [] : [{ label: 'budget', text: `${count(Math.floor(left))} left`, share: undefined }];
    }
    case 'circuitBreaker': {
      const rate = read('rate');
      return rate === undefined ? [] : [{ label: 'failing', text: `${count(rate * 100)} %`, share: rate }];
    }
    default:
      return [];
  }
}

interface Shown {
  readonly node: HTMLElement;
  readonly label: HTMLElement;
  readonly text: HTMLElement;
  readonly bar: HTMLElement;
}

function gauge(): Shown {
  const label = el('span', 'label');
  const text = el('span', 'value');
  const bar = el('span', 'fill');
  const track = el('span', 'track', bar);
  track.setAttribute('aria-hidden', 'true');
  return { node: el('div', 'gauge', label, text, track), label, text, bar };
}

/** The cell with queue, permits and budget. */
export function loadCell(): { readonly node: HTMLElement; draw(view: PolicyView): void } {
  const node = el('div', 'gauges');
  const shown: Shown[] = [];
  return {
    node,
    draw(view) {
      const gauges = gaugesOf(view);
      while (shown.length < gauges.length) {
        const made = gauge();
        shown.push(made);
        node.append(made.node);
      }
      shown.forEach(({ node: row, label, text, bar }, index) => {
        const what = gauges[index];
        row.hidden = what === undefined;
        if (what === undefined) return;
        setText(label, what.label);
        setText(text, what.text);
        bar.parentElement!.hidden = what.share === undefined;
        const share = Math.min(1, Math.max(0, what.share ?? 0));
        bar.style.transform = `scaleX(${share.toFixed(3)})`;
        bar.classList.toggle('full', share >= 1);
      });
    },
  };
}
