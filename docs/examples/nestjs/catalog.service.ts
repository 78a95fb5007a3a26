import type { HttpService } from '@nestjs/axios';
import { Inject, Injectable } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { ResilientHttpService } from 'rxjs-resilience/nestjs';

export interface Item {
  readonly id: string;
  readonly price: number;
}

@Injectable()
export class CatalogService {
  constructor(@Inject(ResilientHttpService) private readonly http: ResilientHttpService<HttpService>) {}

  /** Each try is a request of its own, with what is then left of the deadline. */
  find(id: string): Observable<Item> {
    return this.http.get<Item>(`/items/${encodeURIComponent(id)}`).pipe(map(({ data }) => data));
  }
}
