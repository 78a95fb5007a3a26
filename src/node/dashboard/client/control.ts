import type { PolicyView } from '../../stream-messages.js';
import { byId, el, setText } from './dom.js';
import { short } from './format.js';

type Action = 'isolate' | 'release' | 'reset';

/** In the server's words where it has some. */
async function reasonOf(answer: Response): Promise<string> {
  const said = (await answer.json().catch(() => undefined)) as { readonly error?: unknown } | null | undefined;
  const error = said?.error;
  return typeof error === 'string' ? short(error, 200) : `status ${answer.status}`;
}

/** Asks the server; undefined where it has done so, else why it has not. */
async function ask({ policy, kind }: PolicyView, action: Action): Promise<string | undefined> {
  try {
    const answer = await fetch(`policies/${encodeURIComponent(policy)}/${action}?kind=${encodeURIComponent(kind)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-requested-with': 'rxjs-resilience' },
      body: '{"caller":"dashboard"}',
      redirect: 'error',
    });
    if (answer.ok) return undefined;
    return answer.status === 403 ? `not allowed to ${action}` : `${action} failed: ${await reasonOf(answer)}`;
  } catch {
    return `${action} failed: no answer`;
  }
}

/** Whether somebody who is asked says yes. */
function confirmed(policy: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>('ask');
  setText(byId('ask-name'), short(policy, 200));
  return new Promise((resolve) => {
    const left = new AbortController();
    const { signal } = left;
    dialog.returnValue = '';
    byId('ask-yes').addEventListener('click', () => dialog.close('yes'), { signal });
    byId('ask-no').addEventListener('click', () => dialog.close(), { signal });
    const done = (): void => {
      left.abort();
      resolve(dialog.returnValue === 'yes');
    };
    dialog.addEventListener('close', done, { signal });
    dialog.showModal();
    byId('ask-no').focus();
  });
}

/** The cell with the buttons: the same two elements whatever they say, so that the focus stays where it is. */
export function controlCell(view: () => PolicyView): { readonly node: HTMLElement; draw(view: PolicyView): void } {
  const hold = el('button');
  const reset = el('button', undefined, 'Reset');
  const trouble = el('p', 'trouble');
  trouble.setAttribute('role', 'alert');
  const asked = new Set<Action>();

  async function act(action: Action): Promise<void> {
    // Pressed twice is asked once.
    if (asked.has(action)) return;
    const policy = view();
    if (action === 'isolate' && !(await confirmed(policy.policy))) return;
    asked.add(action);
    setText(trouble, '');
    setText(trouble, (await ask(policy, action)) ?? '');
    asked.delete(action);
  }
  const holdAction = (): Action => (view().state === 'isolated' ? 'release' : 'isolate');
  hold.addEventListener('click', () => void act(holdAction()));
  reset.addEventListener('click', () => void act('reset'));
  for (const button of [hold, reset]) button.type = 'button';

  return {
    node: el('div', 'buttons', hold, reset, trouble),
    draw({ kind, policy }) {
      hold.hidden = kind !== 'circuitBreaker';
      setText(hold, holdAction() === 'release' ? 'Release' : 'Isolate');
      hold.setAttribute('aria-label', `${hold.textContent} ${short(policy)}`);
      reset.setAttribute('aria-label', `Reset ${short(policy)}`);
    },
  };
}
