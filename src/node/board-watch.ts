import { type SchedulerLike, Subscription } from 'rxjs';
import type { Health } from '../core/health.js';
import type { ServedBoard } from './handler-options.js';
import { healthView } from './health-view.js';
import type { HealthMessage } from './stream-messages.js';
import { message } from './stream-text.js';

type Watched = 'live' | 'startup' | 'ready';

/** The board's present answers: it is subscribed for as long as the handler stands, so that checks run before anybody asks. */
export class BoardWatch {
  /** Counts the changes. */
  version = 0;
  private readonly subscription: Subscription = new Subscription();
  private readonly present: Record<Watched, Health>;
  private written: { readonly version: number; readonly at: number; readonly bytes: Uint8Array } | undefined = undefined;

  constructor(
    board: ServedBoard,
    private readonly scheduler: SchedulerLike,
  ) {
    const unknown = (name: string): Health => ({ name, status: 'unknown', required: true, since: scheduler.now(), details: {} });
    this.present = { live: unknown('live'), startup: unknown('startup'), ready: unknown('ready') };
    this.follow(board, 'live');
    this.follow(board, 'startup');
    this.follow(board, 'ready');
  }

  now(of: Watched): Health {
    return this.present[of];
  }

  /** For the stream; written once for all clients that get it at one time. */
  message(): Uint8Array {
    const { version } = this;
    const at = this.scheduler.now();
    if (this.written?.version !== version || this.written.at !== at) {
      const { live, startup, ready } = this.present;
      const data: HealthMessage = { at, live: healthView(live), startup: healthView(startup), ready: healthView(ready) };
      this.written = { version, at, bytes: message('health', data) };
    }
    return this.written.bytes;
  }

  /** Lets go of the board; what it said last is said no longer. */
  dispose(): void {
    this.subscription.unsubscribe();
    for (const kind of ['live', 'startup', 'ready'] as const) {
      this.present[kind] = { name: kind, status: 'unknown', required: true, since: this.scheduler.now(), details: {} };
    }
  }

  private follow(board: ServedBoard, kind: Watched): void {
    const stream = { live: board.live$, startup: board.startup$, ready: board.ready$ }[kind];
    this.subscription.add(
      stream.subscribe((health) => {
        this.present[kind] = health;
        this.version++;
      }),
    );
  }
}
