import type { PolicyView } from '../../stream-messages.js';
import { byId } from './dom.js';
import { kindName, plural, short } from './format.js';
import type { Look } from './looks.js';

/** Sentences that are read out together. */
const most = 3;
/** Milliseconds between two announcements: nobody can listen to more. */
const pause = 1_500;

/** Tells those who listen to the page what has changed its state, and nothing about figures. */
export class Announcer {
  private readonly waiting = new Map<string, string>();
  private isPaused = false;

  say(sentence: string, about: string = sentence): void {
    this.waiting.set(about, sentence);
    this.flush();
  }

  changed({ policy, kind }: PolicyView, look: Look): void {
    const name = `${short(policy, 60)}, ${kindName(kind)}`;
    this.say(`${name}: ${look}.`, `${kind}:${policy}`);
  }

  private flush(): void {
    if (this.isPaused || this.waiting.size === 0) return;
    const sentences = [...this.waiting.values()];
    this.waiting.clear();
    const rest = sentences.length - most;
    byId('said').textContent = `${sentences.slice(0, most).join(' ')}${rest > 0 ? ` And ${plural(rest, 'more change', 'more changes')}.` : ''}`;
    this.isPaused = true;
    setTimeout(() => {
      this.isPaused = false;
      this.flush();
    }, pause);
  }
}
