import type { FetchSetup } from './fetch-options.js';

type Fetch = FetchSetup['fetch'];

/**
 * Sends each request by the `fetch` that the platform has at that time: a test or an instrumentation may replace it.
 *
 * Our own function can become the `fetch` of the platform, and something can be put around it there. It would then be
 * called by itself without an end, so from then on the `fetch` that was there before sends.
 */
export class PlatformFetch {
  private isOwn = false;
  private isSending = false;

  constructor(
    private readonly before: Fetch,
    private readonly own: () => unknown,
  ) {
    // Most code replaces the one of the platform at once.
    void Promise.resolve().then(() => this.look());
  }

  /** Our own function is called; by the `fetch` of the platform, where that is sending. */
  entered(): void {
    if (this.isSending) this.isOwn = true;
  }

  readonly send: Fetch = (input, init) => {
    this.look();
    // Called without an object: the one of a browser works on no other than the global one.
    const { before, isOwn } = this;
    if (isOwn) return before(input, init);
    const { fetch } = globalThis;
    this.isSending = true;
    try {
      return fetch(input, init);
    } finally {
      this.isSending = false;
    }
  };

  private look(): void {
    if (globalThis.fetch === this.own()) this.isOwn = true;
  }
}
