// npm run demo [-- --json]: a dependency slows down, fails, hangs and recovers, under a bare client and a resilient one.
// npm run demo -- --serve [--port N]: the same for the resilient one, over and over, on its dashboard.
import { wanted } from './arguments.ts';
import { type Report, reportOf } from './report.ts';
import { fullScenario, servedScenario } from './scenario.ts';
import { serveDemo } from './served.ts';
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

/** Until Ctrl-C, which is how it is meant to end. */
async function serve(port: number): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    // A second one, from a person or from a parent that passes it on, changes nothing about how it ends.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  const demo = await serveDemo(servedScenario, port);
  console.log(`Dashboard: ${demo.url}\nPayments fails for 45 of every 120 seconds. Ctrl-C ends it.`);
  await interrupted;
  await demo.close();
}

const asked = wanted();
if (typeof asked === 'string') {
  console.error(`${asked}\nThe demo takes --json, for the table as JSON, or --serve [--port N], for the dashboard.`);
  process.exitCode = 2;
} else if (asked.serve) {
  await serve(asked.port);
} else {
  await main(asked.json);
}
