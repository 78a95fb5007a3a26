import { Injectable } from '@nestjs/common';
import { currentContext } from 'rxjs-resilience';

/** What has happened, in the order in which it did. */
@Injectable()
export class Log {
  private lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
  }

  /** A line for a try, and one more when its signal aborts. */
  tried(what: string): void {
    const { attempt, signal } = currentContext();
    this.add(`${what} ${attempt}`);
    signal?.addEventListener('abort', () => this.add(`${what} cut`));
  }

  count(what: string): number {
    return this.lines.filter((line) => line.startsWith(`${what} `)).length;
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}
