import { frameLines, logLine } from './frame.ts';
import { type Simulation } from './simulation.ts';
import { snapshotOf } from './snapshot.ts';
import { canRedraw, clip, type Output, paintFor } from './terminal.ts';

/** Shows a simulation until `stop`. */
export interface View {
  stop(): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Drawn in place at a terminal, else a line for each second. */
export function show(simulation: Simulation, output: Output, environment: Environment): View {
  return canRedraw(output, environment) ? redrawn(simulation, output, environment) : logged(simulation, output);
}

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const clearBelow = '\u001b[J';
const clearLine = '\u001b[K';

function redrawn(simulation: Simulation, output: Output, environment: Environment): View {
  const paint = paintFor(output, environment);
  let drawn = 0;
  let width = 0;

  const draw = (): void => {
    const columns = output.columns ?? 80;
    // A line that reached the edge would wrap, and the way back up would be too short.
    const lines = frameLines(snapshotOf(simulation), columns - 1, paint).slice(0, Math.max(1, (output.rows ?? 24) - 1));
    // After a change of the width the terminal has wrapped what was there, nobody knows how.
    const back = width !== 0 && width !== columns ? '\u001b[H\u001b[2J' : drawn === 0 ? '' : `\u001b[${drawn}A\r`;
    output.write(back + lines.map((line) => `${clip(line, columns - 1)}${clearLine}\n`).join('') + clearBelow);
    drawn = lines.length;
    width = columns;
  };

  output.write(hideCursor);
  draw();
  const timer = setInterval(draw, 100);
  return {
    stop() {
      clearInterval(timer);
      draw();
      output.write(showCursor);
    },
  };
}

function logged(simulation: Simulation, output: Output): View {
  const write = (): unknown => output.write(`${logLine(snapshotOf(simulation))}\n`);
  const timer = setInterval(write, 1_000);
  return {
    stop: () => clearInterval(timer),
  };
}
