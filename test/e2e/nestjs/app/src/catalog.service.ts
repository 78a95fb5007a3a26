import { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import { ClientProxy } from '@nestjs/microservices';
import { defer, map, type Observable, of, throwError } from 'rxjs';
import type { CircuitBreaker } from 'rxjs-resilience';
import { InjectPolicy, Resilient, ResilientHttpService } from 'rxjs-resilience/nestjs';
import { Log } from './log';

/** Constructor injection by type, as the compiler of an application emits it. */
@Injectable()
export class CatalogService {
  constructor(
    private readonly log: Log,
    @InjectPolicy('catalog') readonly circuit: CircuitBreaker,
    @Inject(ResilientHttpService) private readonly http: ResilientHttpService<HttpService>,
    @Inject('BILLING') private readonly billing: ClientProxy,
  ) {}

  @Resilient('again')
  find(id: string): Promise<string> {
    this.log.tried('find');
    return this.log.count('find') < 3 ? Promise.reject(new Error('down')) : Promise.resolve(`item ${id}`);
  }

  @Resilient('again')
  watch(id: string): Observable<string> {
    return defer(() => {
      this.log.tried('watch');
      return this.log.count('watch') < 3 ? throwError(() => new Error('down')) : of(`watched ${id}`);
    });
  }

  fetch(url: string): Observable<string> {
    return this.http.get<string>(url).pipe(map(({ data }) => data));
  }

  charge(amount: number): Observable<string> {
    return this.billing.send<string>('charge', { amount });
  }

  note(what: string): void {
    this.billing.emit('noted', { what });
  }
}
