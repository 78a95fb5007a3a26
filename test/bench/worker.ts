import { cases } from './cases/index.ts';
import { titleOf } from './case.ts';
import type { Job } from './jobs.ts';
import { measure } from './measure.ts';
import { heldPerCall, memoryRows } from './memory.ts';
import { runOtherOperators } from './other-operators.ts';

/** Does one job in a process of its own and prints the result as JSON. */
async function result(job: Job): Promise<unknown> {
  if (job.kind === 'memory') {
    if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
    return heldPerCall(memoryRows[job.row]!(), job.repeats, globalThis.gc);
  }
  const found = cases.find((one) => titleOf(one) === job.title);
  if (found === undefined) throw new Error(`no case '${job.title}'`);
  if (job.setting === 'mixed') await runOtherOperators();
  const contenders = found.contenders();
  // Each has to do the work before anybody is timed.
  for (const [name, contender] of Object.entries(contenders)) {
    try {
      await contender.run(1);
    } catch (error) {
      throw new Error(`${job.title}, ${name}`, { cause: error });
    }
  }
  return measure(contenders, job.effort);
}

const answer = await result(JSON.parse(process.argv[2]!) as Job);
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
