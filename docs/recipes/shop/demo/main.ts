// npm run demo:shop [-- --json]: a shop in an outage of its payments, with customers, a crash and a crowd.
// npm run demo:shop -- --serve [--port N]: the same over and over, to look at.
import { seededRandom } from 'rxjs-resilience/testing';
import { wanted } from '../../../demo/arguments.ts';
import { momentLine, reportLines } from './print.ts';
import { reportOf } from './report.ts';
import { script } from './script.ts';
import { play, type SimulationSettings } from './simulation.ts';

const settings: SimulationSettings = {
  script,
  random: seededRandom(20_261_124),
  rate: 10,
  speed: 10,
  every: 40,
  patience: 30_000,
};

const { stdout } = process;

async function main(json: boolean, signal: AbortSignal): Promise<void> {
  const onTick: SimulationSettings['onTick'] = json ? undefined : (now) => void stdout.write(`${momentLine(now)}\n`);
  const report = reportOf(await play({ ...settings, signal, onTick }));
  stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${reportLines(report).join('\n')}\n`);
  if (report.broken.length > 0) process.exitCode = 1;
}

/** Again and again, until Ctrl-C, which is how it is meant to end. */
async function serve(port: number, signal: AbortSignal): Promise<void> {
  let said = false;
  // A crash would take the dashboard along, and nobody empties a queue before customers come again.
  const scenes = script.map(({ title, length, moods, rush }) => ({ title, length: 3 * length, moods, ...(rush && { rush }) }));
  const endless = Array.from({ length: 10_000 }, () => scenes).flat();
  await play({
    ...settings,
    ...{ script: endless, port, signal },
    onTick: ({ server: { url }, customers }) => {
      customers.forget();
      if (said) return;
      said = true;
      console.log(`Dashboard: ${url}/health/dashboard\nTry an order:`);
      console.log(`  curl -i ${url}/orders -H 'X-User: you' -H 'Idempotency-Key: 1' --json '{"item":"lamp","quantity":1}'`);
      console.log('Ctrl-C ends it.');
    },
  });
}

const asked = wanted();
if (typeof asked === 'string') {
  console.error(`${asked}\nThe demo takes --json, for the report as JSON, or --serve [--port N], to look at it.`);
  process.exitCode = 2;
} else {
  const interrupted = new AbortController();
  // A second one, from a person or from a parent that passes it on, changes nothing about how it ends.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupted.abort());
  // Whoever reads has gone: `npm run demo:shop | head`.
  stdout.on('error', () => interrupted.abort());
  try {
    await (asked.serve ? serve(asked.port, interrupted.signal) : main(asked.json, interrupted.signal));
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    process.exitCode = asked.serve ? 0 : 130;
  }
}
