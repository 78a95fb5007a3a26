import { interval, type SchedulerLike, type Subscription } from 'rxjs';
import type { HealthStatus } from '../../../src/core/health.js';
import type { Process } from './process.js';

const passes = (status: HealthStatus): boolean => status === 'up' || status === 'degraded';

/** Probes of a kubelet: each second; three failures of liveness in a row restart, one failure of readiness takes it out. */
const period = 1_000;
const failureThreshold = 3;

/** Before the first restart a second, then as Kubernetes backs off: 10 s, doubled each time, at most 5 minutes. */
const backOff = (restarts: number): number => (restarts === 1 ? 1_000 : Math.min(300_000, 10_000 * 2 ** (restarts - 2)));

/** An instance as Kubernetes sees it: it is started, asked, taken in and out, and restarted. */
export class Pod {
  readonly restarts: number[] = [];
  /** Whether requests are sent to it. */
  isEndpoint = false;
  readonly processes: Process[] = [];
  private probing: Subscription | undefined = undefined;
  private failures = 0;
  private hasStarted = false;

  constructor(
    private readonly scheduler: SchedulerLike,
    private readonly make: () => Process,
  ) {}

  start(): void {
    this.hasStarted = false;
    this.failures = 0;
    const process = this.make();
    this.processes.push(process);
    this.probing = interval(period, this.scheduler).subscribe(() => this.probe(process));
  }

  stop(): void {
    this.probing?.unsubscribe();
    this.processes[this.processes.length - 1]?.kill();
    this.isEndpoint = false;
  }

  private probe({ status }: Process): void {
    this.hasStarted ||= passes(status.startup);
    if (!this.hasStarted) return;
    this.isEndpoint = passes(status.ready);
    this.failures = passes(status.live) ? 0 : this.failures + 1;
    if (this.failures >= failureThreshold) this.restart();
  }

  private restart(): void {
    this.stop();
    this.restarts.push(this.scheduler.now());
    this.scheduler.schedule(() => this.start(), backOff(this.restarts.length));
  }
}
