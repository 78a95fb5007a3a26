import { type ChildProcess, spawn } from 'node:child_process';
import { type IncomingMessage, request as forward, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import path from 'node:path';

/** The application as it runs on a server: the process that the CLI has built. */
export class RenderingServer {
  private readonly child: ChildProcess;
  private readonly url: Promise<URL>;
  /** What it has complained of. */
  readonly complaints: string[] = [];

  constructor(folder: string) {
    const program = path.join(folder, 'server', 'server.mjs');
    this.child = spawn(process.execPath, [program], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.complaints.push(line));
    this.url = new Promise((resolve, reject) => {
      createInterface({ input: this.child.stdout! }).once('line', (line) => resolve(new URL(line)));
      this.child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${this.complaints.join('\n')}`)));
    });
  }

  /** Has it answer a request that came to another server, under the name of that one. */
  readonly answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { hostname, port } = await this.url;
    const { url, method, headers } = request;
    const forwarded = forward({ hostname, port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  };

  /** Tells it to take nobody any more, and gives its exit code once it has ended. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      const late = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
      await exit;
      clearTimeout(late);
    }
    return this.child.exitCode;
  }
}
