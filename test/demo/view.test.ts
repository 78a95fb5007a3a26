import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { places } from '../../docs/demo/places.ts';
import type { Simulation, World } from '../../docs/demo/simulation.ts';
import { compressed, fullScenario } from '../../docs/demo/scenario.ts';
import { show } from '../../docs/demo/view.ts';

const world: World = {
  client: {
    call: () => Promise.resolve('answer'),
    status: () => ({ inFlight: 1, queued: 2, refused: { open: 0, full: 0, shed: 0 }, circuit: undefined }),
    close: () => undefined,
  },
  backends: {} as World['backends'],
  records: [{ backend: 'payments', at: 900, latency: 20, ending: 'answer' }],
};
const simulation: Simulation = {
  scenario: compressed(fullScenario, 0.5),
  worlds: { bare: world, resilient: world },
  circuits: {} as Simulation['circuits'],
  clock: () => 1_000,
  phase: () => 'healthy',
  finished: Promise.resolve(),
};

/** An output that keeps what is written. */
function output(shape: { isTTY?: boolean; columns?: number; rows?: number }) {
  const written: string[] = [];
  return { ...shape, written, write: (text: string) => written.push(text) };
}

describe('the view', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('writes a line for each second, and no control codes, where nothing can be redrawn', () => {
    const log = output({});
    const view = show(simulation, log, {});
    vi.advanceTimersByTime(3_000);
    view.stop();
    vi.advanceTimersByTime(3_000);
    expect(log.written).toHaveLength(3);
    for (const text of log.written) expect(text).toMatch(/^ {2}1 s {2}healthy [^\u001b\n]+\n$/);  
  });

  it('draws over the last picture, and shows the cursor again at the end', () => {
    const terminal = output({ isTTY: true, columns: 80, rows: 24 });
    const view = show(simulation, terminal, { NO_COLOR: '1' });
    vi.advanceTimersByTime(100);
    view.stop();
    const [hide, first, second, last, shown] = terminal.written;
    const lines = first!.split('\n').length - 1;
    expect(hide).toBe('\u001b[?25l');
    expect(second!.startsWith(`\u001b[${lines}A\r`)).toBe(true);
    expect(second!.endsWith(first!)).toBe(true);
    expect(last).toBe(second);
    expect(shown).toBe('\u001b[?25h');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('draws no more lines than the terminal has, and starts anew when its width has changed', () => {
    const terminal = output({ isTTY: true, columns: 80, rows: 4 });
    const view = show(simulation, terminal, {});
    expect(terminal.written[1]!.split('\n')).toHaveLength(4);
    terminal.columns = 30;
    vi.advanceTimersByTime(100);
    view.stop();
    expect(terminal.written[2]!.startsWith('\u001b[H\u001b[2J')).toBe(true);
  });
});

describe('the places of the bare client', () => {
  it('hands a place that is given back to the one who has waited longest', async () => {
    const two = places(2);
    const got: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) void two.take().then(() => got.push(name));
    await Promise.resolve();
    expect([two.taken, two.waiting, got]).toStrictEqual([2, 2, ['a', 'b']]);
    two.give();
    await Promise.resolve();
    expect([two.taken, two.waiting, got]).toStrictEqual([2, 1, ['a', 'b', 'c']]);
    two.give();
    two.give();
    two.give();
    expect([two.taken, two.waiting]).toStrictEqual([0, 0]);
  });

  it('turns those away who wait when it is closed', async () => {
    const one = places(1);
    void one.take();
    const waiting = one.take();
    one.close();
    await expect(waiting).rejects.toThrow('closed');
  });
});
