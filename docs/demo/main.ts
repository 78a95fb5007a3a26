// npm run demo [-- --json]: a dependency slows down, fails, hangs and recovers, under a bare client and a resilient one.
import { type Report, reportOf } from './report.ts';
import { fullScenario } from './scenario.ts';
import { startSimulation } from './simulation.ts';
import { legendLines, tableLines } from './table.ts';
import { clip, paintFor } from './terminal.ts';
import { timelineLines } from './timeline.ts';
import { show, type View } from './view.ts';

const { stdout } = process;

function print(report: Report): void {
  const paint = paintFor(stdout, process.env);
  const columns = stdout.columns ?? 80;
  // Tables that wrap cannot be read; what explains them may.
  const fit = stdout.isTTY ? (line: string) => clip(line, columns) : (line: string) => line;
  const pictures = ['', ...tableLines(report, columns, paint), ...timelineLines(report, columns, paint), ''].map(fit);
  stdout.write(`${[...pictures, ...legendLines(report)].join('\n')}\n`);
}

async function main(json: boolean): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  // A second Ctrl-C while the last callers leave would end it with the cursor hidden.
  process.on('SIGINT', interrupt);
  // Whoever reads has gone: `npm run demo | head`.
  stdout.on('error', interrupt);
  let view: View | undefined;
  try {
    const simulation = await startSimulation(fullScenario, interrupted.signal);
    if (!json) view = show(simulation, stdout, process.env);
    await simulation.finished;
    // The last picture first, then what stands below it.
    view?.stop();
    view = undefined;
    if (interrupted.signal.aborted) process.exitCode = 130;
    else if (json) stdout.write(`${JSON.stringify(reportOf(simulation), undefined, 2)}\n`);
    else print(reportOf(simulation));
  } finally {
    view?.stop();
    process.off('SIGINT', interrupt);
    stdout.off('error', interrupt);
  }
}

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== '--json');
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(' ')}. The demo takes --json, for the table as JSON.`);
  process.exitCode = 2;
} else {
  await main(args.includes('--json'));
}
