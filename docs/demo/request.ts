import { type Agent, request as httpRequest } from 'node:http';

/** The backend answered, but with an error. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.name = 'StatusError';
    this.status = status;
  }
}

/** A GET that resolves when the whole answer is there and rejects with its status from 400 on. */
export function get(url: string, agent: Agent, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent, signal }, (response) => {
      const status = response.statusCode ?? 0;
      response.once('error', reject);
      response.once('end', () => (status < 400 ? resolve() : reject(new StatusError(status))));
      response.resume();
    });
    // An abort can be reported more than once.
    request.on('error', reject);
    request.end();
  });
}
