import fc from 'fast-check';
import { beforeEach } from 'vitest';

// Else a mutant lives or dies by chance, and a score could not be compared with the one before. What kills it need not be small.
fc.configureGlobal({ seed: 1, endOnFailure: true });

// They are about the stack, take seconds, and would be run against every mutant.
beforeEach(({ task, skip }) => {
  if (task.name.includes('100,000')) skip();
});
