import { ChangeDetectionStrategy, Component } from '@angular/core';

@Component({
  selector: 'app-about',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<h1>About</h1><p id="about">A shop that stays open while parts of it do not.</p>`,
})
export class About {}
