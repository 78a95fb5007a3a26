import type { PoliciesMessage } from '../../stream-messages.js';

const stream = new EventSource('stream');
stream.addEventListener('policies', ({ data }: MessageEvent<string>) => {
  const { policies } = JSON.parse(data) as PoliciesMessage;
  document.querySelector('#count')!.textContent = String(policies.length);
});
