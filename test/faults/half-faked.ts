import { mock } from 'node:test';
import { NEVER } from 'rxjs';
import { withDeadline } from '../../src/deadline/with-deadline.js';

// RxJS arms every timer by `setInterval`, which is the engine's own here.
mock.timers.enable({ apis: ['setTimeout', 'Date'] });
let expired = 0;
NEVER.pipe(withDeadline(50)).subscribe({ error: () => expired++ });
mock.timers.reset();
process.on('exit', () => console.log(JSON.stringify({ expired })));
