import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { type ApplicationConfig, provideZonelessChangeDetection, type Type } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter, type Routes } from '@angular/router';
import { provideResilience, resilienceInterceptor } from 'rxjs-resilience/angular';
import { About } from './about';
import { Counter } from './counter';
import { pipelineFor } from './policies';
import { signed } from './signed';

const bench = (): Promise<Type<unknown>> => import('./bench').then(({ Bench }) => Bench);

const routes: Routes = [
  { path: '', component: Counter },
  { path: 'about', component: About },
  { path: 'shelves', loadComponent: () => import('./shelves').then(({ Shelves }) => Shelves) },
  { path: 'bench', loadComponent: bench },
  // A relative address leads from here to the same place as from there: that of `<base>`.
  { path: 'deep/down/bench', loadComponent: bench },
];

/** What whoever serves the page has written into it. */
const { propagateTo } = globalThis as { readonly propagateTo?: readonly string[] };
const settings = propagateTo === undefined ? {} : { propagateTo };

export const appConfig: ApplicationConfig = {
  providers: [
    provideZonelessChangeDetection(),
    provideClientHydration(),
    provideRouter(routes),
    // `signed` stands behind the policies, so that it runs again for each try.
    provideHttpClient(withInterceptors([resilienceInterceptor, signed])),
    provideResilience({ pipeline: pipelineFor, ...settings }),
  ],
};
