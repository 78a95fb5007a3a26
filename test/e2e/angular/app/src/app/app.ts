import { ChangeDetectionStrategy, Component } from '@angular/core';
import { RouterLink, RouterOutlet } from '@angular/router';

@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterOutlet],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <header>
      <a class="brand" routerLink="/">Corner shop</a>
      <nav>
        <a routerLink="/">Counter</a>
        <a routerLink="/about">About</a>
      </nav>
    </header>
    <main><router-outlet /></main>
  `,
})
export class App {}
